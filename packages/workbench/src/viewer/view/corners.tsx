import { useTexts } from '../../app/texts/use-texts.ts';
import type { PlaneLayout } from '../slices/plane-layout.ts';
import { pixelMmOf } from '../study/pixel-mm.ts';
import { cameraMatrix, STRAIGHT } from './camera.ts';
import { useViewState } from './use-view-state.ts';
import styles from './view.module.css';
import type { ViewModel } from './view-model.ts';

interface CornersProps {
  readonly model: ViewModel;
  readonly layout: PlaneLayout;
  readonly patient: readonly string[];
  readonly name: string;
  readonly letters: PlaneLayout['letters'];
  /** Height of the canvas in its pixels. */
  readonly pixels: number;
  readonly zoom: number;
  /** The one that shows the value: it is of the place that all planes have in common. */
  readonly isActive: boolean;
}

const SCALES_MM = [200, 100, 50, 20, 10, 5, 2, 1] as const;

/** What stands around the picture: patient, place, window, letters of orientation, a scale. */
export function Corners({ model, layout, patient, name, letters, pixels, zoom, isActive }: CornersProps) {
  const { viewer: t } = useTexts();
  const { window, voxel, time } = useViewState(model);
  const slice = Math.min(layout.slices, Math.round(voxel[layout.axis]) + 1);
  const value = !isActive
    ? undefined
    : model.valueAt([Math.round(voxel[0]), Math.round(voxel[1]), Math.round(voxel[2])]);
  const [left, right, top, bottom] = letters;
  return (
    <>
      <div className={styles['topLeft']}>
        {patient.map((line) => (
          <div key={line}>{line}</div>
        ))}
      </div>
      <div className={styles['topRight']}>
        <div>{name}</div>
        <div>{t.slice(slice, layout.slices)}</div>
        {model.series.timePoints > 1 && <div>{t.time(time + 1, model.series.timePoints)}</div>}
      </div>
      <div className={styles['bottomLeft']}>
        {window && <div>{t.windowIs(Number(window.center.toPrecision(4)), Number(window.width.toPrecision(4)))}</div>}
        <div>{t.zoomIs(Math.round(zoom * 100))}</div>
        {value !== undefined && layout.letters[0] !== '' && <div>{t.valueIs(Number(value.toPrecision(5)))}</div>}
      </div>
      <span className={styles['atLeft']}>{left}</span>
      <span className={styles['atRight']}>{right}</span>
      <span className={styles['atTop']}>{top}</span>
      <span className={styles['atBottom']}>{bottom}</span>
      <ScaleBar {...{ model, layout, pixels, zoom }} />
    </>
  );
}

/** A round length that takes up to a third of the view; none where lengths are not known. */
function ScaleBar({ model, layout, pixels, zoom }: Pick<CornersProps, 'model' | 'layout' | 'pixels' | 'zoom'>) {
  const { grid, slices } = model.series;
  if (!grid && !(slices[0] && pixelMmOf(slices[0].dataSet))) return null;
  const matrix = cameraMatrix({ ...STRAIGHT, zoom }, layout, [pixels, pixels]);
  const pixelsPerMm = matrix[0] / layout.pixelMm[0] / devicePixelRatio;
  const length = SCALES_MM.find((mm) => mm * pixelsPerMm < pixels / devicePixelRatio / 3) ?? 1;
  return (
    <svg
      className={styles['scale']}
      width={length * pixelsPerMm + 2}
      height="22"
      role="img"
      aria-label={`${length} mm`}
    >
      <path d={`M1 14v6h${length * pixelsPerMm}v-6`} fill="none" stroke="currentColor" />
      <text x="4" y="12">{`${length} mm`}</text>
    </svg>
  );
}
