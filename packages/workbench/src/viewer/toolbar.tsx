import { useTexts } from '../app/texts/use-texts.ts';
import { windowPresets } from './slices/window.ts';
import styles from './study.module.css';
import type { LayoutName } from './view/layouts.ts';
import { CAMERA_KEYS, chooseTool, TOOL_KEYS } from './view/shortcuts.ts';
import { useViewState } from './view/use-view-state.ts';
import { type CameraCommand, commandCamera } from './view/view-commands.ts';
import type { PointerTool, ViewModel } from './view/view-model.ts';

interface ToolbarProps {
  readonly model: ViewModel;
  readonly layouts: readonly LayoutName[];
  readonly layout: LayoutName;
  readonly setLayout: (layout: LayoutName) => void;
  readonly openHelp: () => void;
}

/** Tools, windows, turns and layouts. */
export function Toolbar({ model, layouts, layout, setLayout, openHelp }: ToolbarProps) {
  const { viewer: t } = useTexts();
  const state = useViewState(model);
  const { timePoints, modality } = model.series;
  const presets = windowPresets(modality);
  const canPlay = timePoints > 1 || (!model.series.grid && model.slices > 1);
  return (
    <div className={styles['toolbar']} role="toolbar" aria-label={t.tools}>
      {(Object.keys(TOOL_KEYS) as PointerTool[]).map((tool) => (
        <button
          key={tool}
          type="button"
          title={`${t.tool[tool]} (${TOOL_KEYS[tool].toUpperCase()})`}
          aria-pressed={!state.taken && state.tool === tool}
          onClick={() => chooseTool(model, tool)}
        >
          {t.tool[tool]}
        </button>
      ))}
      <span className={styles['gap']} />
      {(Object.keys(CAMERA_KEYS) as CameraCommand[]).map((command) => (
        <button
          key={command}
          type="button"
          title={`${t.camera[command]} (${CAMERA_KEYS[command]})`}
          onClick={() => commandCamera(command)}
        >
          {t.cameraSign[command]}
          <span className={styles['hidden']}>{t.camera[command]}</span>
        </button>
      ))}
      <button
        type="button"
        title={`${t.invert} (I)`}
        aria-pressed={state.invert}
        onClick={() => model.update({ invert: !state.invert })}
      >
        ◐<span className={styles['hidden']}>{t.invert}</span>
      </button>
      <button
        type="button"
        aria-pressed={state.crosshairs}
        onClick={() => model.update({ crosshairs: !state.crosshairs })}
      >
        ✛<span className={styles['hidden']}>{t.crosshairs}</span>
      </button>
      {presets.length > 0 && (
        <select
          aria-label={t.window}
          value={
            presets.find(({ fixed }) => fixed?.center === state.window?.center && fixed?.width === state.window?.width)
              ?.id ?? ''
          }
          onChange={({ target }) => {
            const preset = presets.find(({ id }) => id === target.value);
            if (preset) model.applyPreset(preset);
          }}
        >
          <option value="">{t.window}</option>
          {presets.map(({ id, key }) => (
            <option key={id} value={id}>{`${t.windows[id]} (${key})`}</option>
          ))}
        </select>
      )}
      {layouts.length > 1 && (
        <select aria-label={t.layout} value={layout} onChange={({ target }) => setLayout(target.value as LayoutName)}>
          {layouts.map((one) => (
            <option key={one} value={one}>
              {t.layouts[one]}
            </option>
          ))}
        </select>
      )}
      {canPlay && (
        <button type="button" aria-pressed={state.playing} onClick={() => model.update({ playing: !state.playing })}>
          {state.playing ? t.pause : t.play}
        </button>
      )}
      {timePoints > 1 && (
        <label>
          {t.time(state.time + 1, timePoints)}{' '}
          <input
            type="range"
            min={0}
            max={timePoints - 1}
            value={state.time}
            onChange={({ target }) => model.update({ time: Number(target.value) })}
          />
        </label>
      )}
      <button type="button" onClick={openHelp} title={`${t.help} (?)`}>
        ?<span className={styles['hidden']}>{t.help}</span>
      </button>
    </div>
  );
}
