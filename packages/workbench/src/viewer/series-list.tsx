import { useTexts } from '../app/texts/use-texts.ts';
import type { ViewerSeries } from './study/viewer-series.ts';
import styles from './study.module.css';

interface SeriesListProps {
  readonly series: readonly ViewerSeries[];
  readonly chosen: string;
  readonly choose: (series: ViewerSeries) => void;
}

/** The series of a study with a picture each. */
export function SeriesList({ series, chosen, choose }: SeriesListProps) {
  const { viewer: t } = useTexts();
  return (
    <nav className={styles['series']} aria-label={t.series}>
      {series.map((one) => (
        <button
          key={one.seriesInstanceUid}
          type="button"
          className={styles['seriesButton']}
          aria-pressed={one.seriesInstanceUid === chosen}
          onClick={() => choose(one)}
        >
          <img
            src={`/dicom-web/studies/${one.studyInstanceUid}/series/${one.seriesInstanceUid}/thumbnail`}
            alt=""
            width={72}
            height={72}
            loading="lazy"
          />
          <span>
            <b>{one.modality}</b> {one.description || t.unnamed}
            <small>
              {t.images(one.slices.length / one.timePoints)}
              {one.timePoints > 1 && ` × ${one.timePoints}`}
              {one.irregular !== undefined && ` · ${t.notAVolume}`}
            </small>
          </span>
        </button>
      ))}
    </nav>
  );
}
