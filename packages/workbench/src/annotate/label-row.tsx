import type { SegmentLabel } from '@vesalius/api';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';

interface LabelRowProps {
  readonly label: SegmentLabel;
  readonly isInHand: boolean;
  readonly isHidden: boolean;
  readonly isLocked: boolean;
  readonly ml: number;
  readonly choose: () => void;
  readonly change: (to: Partial<SegmentLabel>) => void;
  readonly hide: () => void;
  readonly lock: () => void;
}

/** One class: chosen, coloured, named, hidden or locked; its volume. */
export function LabelRow({ label, choose, change, ...row }: LabelRowProps) {
  const { annotate: t } = useTexts();
  return (
    <div className={styles['label']}>
      <input type="radio" name="class" aria-label={label.name} checked={row.isInHand} onChange={choose} />
      <input
        type="color"
        aria-label={t.colorOf(label.name)}
        value={label.color}
        onChange={(event) => change({ color: event.target.value })}
      />
      <input
        key={label.name}
        className={styles['name'] ?? ''}
        aria-label={t.nameOf(label.name)}
        defaultValue={label.name}
        maxLength={64}
        onBlur={({ target }) => {
          const name = target.value.trim();
          if (name !== '' && name !== label.name) change({ name });
        }}
      />
      <output aria-label={t.volumeOf(label.name)}>{t.ml(row.ml)}</output>
      <button
        type="button"
        aria-pressed={row.isHidden}
        aria-label={t.hide(label.name)}
        title={t.hide(label.name)}
        onClick={row.hide}
      >
        {row.isHidden ? '○' : '●'}
      </button>
      <button
        type="button"
        aria-pressed={row.isLocked}
        aria-label={t.lock(label.name)}
        title={t.lock(label.name)}
        onClick={row.lock}
      >
        {row.isLocked ? '🔒' : '🔓'}
      </button>
    </div>
  );
}
