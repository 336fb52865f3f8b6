import { useTexts } from '../app/texts/use-texts.ts';
import { showMeasured } from './measure/show-measured.ts';
import { takeMeasure } from './measure/take-measure.ts';
import styles from './study.module.css';
import { sceneOf } from './view/scene-of.ts';
import { useViewState } from './view/use-view-state.ts';
import type { ViewModel } from './view/view-model.ts';

/** What was measured; a click goes there. */
export function MeasureList({ model }: { readonly model: ViewModel }) {
  const { viewer: t } = useTexts();
  const { measurements } = useViewState(model);
  if (measurements.length === 0) return <p className={styles['dim']}>{t.noMeasurements}</p>;
  const unit = model.series.modality === 'CT' ? 'HU' : '';
  const remove = (id: number) => model.update({ measurements: measurements.filter((one) => one.id !== id) });
  return (
    <ul className={styles['plain']}>
      {measurements.map((one) => {
        const text = `${t.tool[one.kind]}: ${showMeasured(takeMeasure(one, sceneOf(model)), unit)}`;
        return (
          <li key={one.id} className={styles['measured']}>
            <button type="button" onClick={() => one.points[0] && model.update({ voxel: one.points[0] })}>
              {text}
            </button>
            <button type="button" aria-label={`${t.remove} ${text}`} onClick={() => remove(one.id)}>
              ×
            </button>
          </li>
        );
      })}
    </ul>
  );
}
