import styles from './view.module.css';

interface SliceSliderProps {
  readonly name: string;
  /** From 0. */
  readonly slice: number;
  readonly slices: number;
  readonly step: (by: number) => void;
}

/** Leads through the slices. What it shows is moved, not drawn again, as it changes with every slice; the input itself is not seen. */
export function SliceSlider({ name, slice, slices, step }: SliceSliderProps) {
  const share = slice / Math.max(1, slices - 1);
  return (
    <div className={styles['rail']}>
      <input
        className={styles['slider']}
        type="range"
        aria-label={name}
        min={0}
        max={slices - 1}
        value={slice}
        onChange={({ target }) => step(Number(target.value) - slice)}
      />
      <div className={styles['thumb']} style={{ transform: `translateY(${100 * share}cqh)` }} />
    </div>
  );
}
