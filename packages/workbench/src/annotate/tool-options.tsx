import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';

/** What the tools and commands go by. */
export interface EditingOptions {
  readonly radiusMm: number;
  readonly tolerance: number;
  readonly through: boolean;
  readonly boxAsks: boolean;
  readonly leastVoxels: number;
}

export const USUAL_OPTIONS: EditingOptions = {
  ...{ radiusMm: 4, tolerance: 50, through: false, boxAsks: false, leastVoxels: 100 },
};
/** Of a brush in millimetres. */
export const RADIUS = { least: 0.5, most: 40 };

interface ToolOptionsProps {
  readonly options: EditingOptions;
  readonly change: (to: Partial<EditingOptions>) => void;
}

export function ToolOptions({ options, change }: ToolOptionsProps) {
  const { annotate: t } = useTexts();
  return (
    <>
      <label>
        {t.size(options.radiusMm)}
        <input
          type="range"
          min={RADIUS.least}
          max={RADIUS.most}
          step={0.5}
          value={options.radiusMm}
          onChange={(event) => change({ radiusMm: event.target.valueAsNumber })}
        />
      </label>
      <label>
        {t.tolerance(options.tolerance)}
        <input
          type="range"
          min={1}
          max={500}
          value={options.tolerance}
          onChange={(event) => change({ tolerance: event.target.valueAsNumber })}
        />
      </label>
      <label className={styles['check']}>
        <input
          type="checkbox"
          checked={options.through}
          onChange={(event) => change({ through: event.target.checked })}
        />
        {t.through}
      </label>
      <label className={styles['check']}>
        <input
          type="checkbox"
          checked={options.boxAsks}
          onChange={(event) => change({ boxAsks: event.target.checked })}
        />
        {t.boxAsks}
      </label>
      <label className={styles['check']}>
        {t.leastVoxels}
        <input
          type="number"
          min={2}
          value={options.leastVoxels}
          onChange={({ target }) => target.valueAsNumber >= 2 && change({ leastVoxels: target.valueAsNumber })}
        />
      </label>
    </>
  );
}
