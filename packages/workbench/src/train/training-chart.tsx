import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Across, Table } from './curves.ts';
import styles from './train.module.css';

interface Props {
  readonly title: string;
  readonly table: Table;
  readonly names: readonly string[];
  readonly across: Across;
  readonly logarithmic: boolean;
}

/** One colour a run; distinct also for those who see few colours. */
const RUN_COLOURS = ['#79c0ff', '#f0a35e', '#7ee2a8', '#e58fd0', '#e3d26f', '#b0a5ff'] as const;
const FEW_POINTS = 12;
const [HEIGHT, AXIS, GRID] = [220, '#9da7b3', '#262c34'];

/** One curve of one or several runs. It is redrawn in place as points come. */
export function TrainingChart({ title, table, names, across, logarithmic }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(table);
  latest.current = table;
  const shape = `${title}|${names.join('|')}|${across}|${logarithmic}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` tells all that asks for another chart
  useEffect(() => {
    const target = holder.current;
    if (!target) return;
    const options = optionsOf({ title, names, across, logarithmic, width: target.clientWidth });
    const drawn = new uPlot(options, latest.current as uPlot.AlignedData, target);
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: target.clientWidth, height: HEIGHT }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(table as uPlot.AlignedData), [table]);
  return (
    <figure className={styles['chart']} aria-label={title}>
      <figcaption>{title}</figcaption>
      <div ref={holder} />
    </figure>
  );
}

function optionsOf({ names, across, logarithmic, width }: Omit<Props, 'table'> & { width: number }): uPlot.Options {
  const axis = { stroke: AXIS, grid: { stroke: GRID, width: 1 }, ticks: { stroke: GRID, width: 1 } };
  return {
    width,
    height: HEIGHT,
    scales: { x: { time: false }, y: { distr: logarithmic ? 3 : 1 } },
    axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map(tickText) }],
    cursor: { drag: { x: true, y: false } },
    series: [
      { label: across === 'step' ? 'step' : 'min' },
      ...names.map((name, i) => ({
        label: name,
        stroke: RUN_COLOURS[i % RUN_COLOURS.length] ?? AXIS,
        width: 1.5,
        spanGaps: true,
        // A line through few points would say more than is known.
        points: { show: hasFewPoints },
      })),
    ],
  };
}

/** Learning rates are small. */
function tickText(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(4)));
}

function hasFewPoints({ data }: uPlot, curve: number): boolean {
  return [...(data[curve] ?? [])].filter((value) => value !== null).length < FEW_POINTS;
}
