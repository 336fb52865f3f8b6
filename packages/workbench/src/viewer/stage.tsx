import { useMemo } from 'react';
import { useTexts } from '../app/texts/use-texts.ts';
import type { ViewerSeries, ViewerStudy } from './study/viewer-series.ts';
import styles from './study.module.css';
import { type LayoutName, mammograms, planesOf } from './view/layouts.ts';
import { PlaneView } from './view/plane-view.tsx';
import { useModel } from './view/use-model.ts';
import type { ViewModel } from './view/view-model.ts';
import { VolumeView } from './volume/volume-view.tsx';

interface StageProps {
  readonly model: ViewModel;
  readonly study: ViewerStudy;
  readonly layout: LayoutName;
}

/** The views of a series in a layout. */
export function Stage({ model, study, layout }: StageProps) {
  const { viewer: t } = useTexts();
  const planes = useMemo(() => planesOf(model.series, layout), [model, layout]);
  const patient = [study.patient, study.patientId, study.about, model.series.description].filter(Boolean);
  if (layout === 'mammography')
    return (
      <div className={styles['stage']} data-layout={layout}>
        {mammograms(study.series).map((one) => (
          <PictureView key={one.seriesInstanceUid} series={one} patient={patient} />
        ))}
      </div>
    );
  return (
    <div className={styles['stageColumn']}>
      {model.series.irregular !== undefined && (
        <p className={styles['irregular']} role="status">
          {t.irregular} {model.series.irregular}
        </p>
      )}
      <div className={styles['stage']} data-layout={layout}>
        {planes.map((plane) => (
          <PlaneView key={`${layout} ${plane.axis}`} model={model} layout={plane} patient={patient} />
        ))}
        {(layout === 'fourViews' || layout === 'threeD') && <VolumeView model={model} />}
      </div>
    </div>
  );
}

/** One of several series beside each other, with a state of its own. */
function PictureView({ series, patient }: { readonly series: ViewerSeries; readonly patient: readonly string[] }) {
  const model = useModel(series);
  const [layout] = useMemo(() => planesOf(series, 'single'), [series]);
  return model && layout ? <PlaneView model={model} layout={layout} patient={patient} /> : null;
}
