import { useState } from 'react';
import { wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import { fetchOverlay } from './overlays/fetch-overlay.ts';
import { COLOR_MAPS, type ColorMapName } from './slices/paint-heat.ts';
import type { OverlayObject } from './study/viewer-series.ts';
import styles from './study.module.css';
import { useViewState } from './view/use-view-state.ts';
import type { ViewModel } from './view/view-model.ts';
import type { LabelLayer } from './viewport-contract.ts';

interface OverlayListProps {
  readonly model: ViewModel;
  readonly overlays: readonly OverlayObject[];
}

/** Segmentations, structures and maps of the study that may be laid over the images. */
export function OverlayList({ model, overlays }: OverlayListProps) {
  const { viewer: t } = useTexts();
  const state = useViewState(model);
  const [failed, setFailed] = useState('');
  const [shown, setShown] = useState<Readonly<Record<string, readonly LabelLayer[]>>>({});
  const { grid } = model.series;
  if (overlays.length === 0 || !grid) return <p className={styles['dim']}>{t.noOverlays}</p>;

  const put = (next: Readonly<Record<string, readonly LabelLayer[]>>) => {
    setShown(next);
    model.update({ shownLabels: Object.values(next).flat(), labelRevision: model.state.labelRevision + 1 });
  };
  const toggle = async (object: OverlayObject) => {
    setFailed('');
    const { [object.sopInstanceUid]: known, ...others } = shown;
    if (known) return put(others);
    if (state.heat && object.kind === 'map') return model.update({ heat: undefined });
    try {
      const fetched = await fetchOverlay(object, grid);
      if (fetched.kind === 'heat') model.update({ heat: fetched.heat });
      else put({ ...others, [object.sopInstanceUid]: fetched.layers });
    } catch (error) {
      setFailed(`${object.label}: ${wordsOf(error)}`);
    }
  };
  const setOpacity = (opacity: number) =>
    put(
      Object.fromEntries(
        Object.entries(shown).map(([key, layers]) => [key, layers.map((one) => ({ ...one, opacity }))]),
      ),
    );
  return (
    <>
      <ul className={styles['plain']}>
        {overlays.map((object) => (
          <li key={object.sopInstanceUid}>
            <label>
              <input
                type="checkbox"
                checked={object.kind === 'map' ? state.heat !== undefined : object.sopInstanceUid in shown}
                onChange={() => void toggle(object)}
              />{' '}
              {object.label} <small>{t.overlayKinds[object.kind]}</small>
            </label>
            <Legend layers={shown[object.sopInstanceUid] ?? []} />
          </li>
        ))}
      </ul>
      {Object.keys(shown).length > 0 && <Opacity value={state.shownLabels[0]?.opacity ?? 0.4} set={setOpacity} />}
      {state.heat && (
        <>
          <Opacity
            value={state.heat.opacity}
            set={(opacity) => state.heat && model.update({ heat: { ...state.heat, opacity } })}
          />
          <select
            aria-label={t.colorMap}
            value={state.heat.map}
            onChange={({ target }) =>
              state.heat && model.update({ heat: { ...state.heat, map: target.value as ColorMapName } })
            }
          >
            {COLOR_MAPS.map((map) => (
              <option key={map}>{map}</option>
            ))}
          </select>
        </>
      )}
      {failed !== '' && <p role="alert">{failed}</p>}
    </>
  );
}

function Legend({ layers }: { readonly layers: readonly LabelLayer[] }) {
  return layers.map(({ labels }) =>
    labels.map(({ name, color }) => (
      <div key={name} className={styles['legend']}>
        <svg width="10" height="10" aria-hidden="true">
          <rect width="10" height="10" fill={`rgb(${color.join(' ')})`} />
        </svg>{' '}
        {name}
      </div>
    )),
  );
}

function Opacity({ value, set }: { readonly value: number; readonly set: (value: number) => void }) {
  const { viewer: t } = useTexts();
  return (
    <label>
      {t.opacity}{' '}
      <input
        type="range"
        min={0.05}
        max={1}
        step={0.05}
        value={value}
        onChange={({ target }) => set(Number(target.value))}
      />
    </label>
  );
}
