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

const EYE = 'M1 8q7-9 14 0q-7 9-14 0zM8 6a2 2 0 1 0 .1 0z';
const CLOSED_LOCK = 'M3 7h10v7h-10zM5 7v-2a3 3 0 0 1 6 0v2';
const OPEN_LOCK = 'M3 7h10v7h-10zM5 7v-3a3 3 0 0 1 6-1';

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
        <Icon path={row.isHidden ? 'M1 8h14' : EYE} />
      </button>
      <button
        type="button"
        aria-pressed={row.isLocked}
        aria-label={t.lock(label.name)}
        title={t.lock(label.name)}
        onClick={row.lock}
      >
        <Icon path={row.isLocked ? CLOSED_LOCK : OPEN_LOCK} />
      </button>
    </div>
  );
}

function Icon({ path }: { readonly path: string }) {
  return (
    <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}
