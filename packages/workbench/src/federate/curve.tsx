import styles from './federate.module.css';

const [WIDTH, HEIGHT, EDGE] = [96, 24, 2];

interface Props {
  readonly title: string;
  readonly points: readonly { readonly round: number; readonly value: number }[];
}

/** A value over the rounds, small, with its last value beside it. */
export function Curve({ title, points }: Props) {
  const last = points.at(-1);
  if (!last) return '–';
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const first = points[0]?.round ?? 0;
  const x = (round: number) => EDGE + ((WIDTH - 2 * EDGE) * (round - first)) / Math.max(1, last.round - first);
  const y = (value: number) => HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * (value - low)) / (high - low || 1);
  const line = points.map(({ round, value }) => `${x(round).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return (
    <span className={styles['curve']}>
      <svg role="img" aria-label={title} width={WIDTH} height={HEIGHT}>
        <polyline points={line} />
      </svg>
      {last.value.toFixed(3)}
    </span>
  );
}
