import type { ModelAnswer } from '@vesalius/api';
import { Link } from 'wouter';
import { useTexts } from '../app/texts/use-texts.ts';
import { mainMetric, short } from './metric-bar.tsx';
import styles from './models.module.css';

interface Point {
  readonly model: ModelAnswer;
  readonly minutes: number;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [720, 220, 44, 30, 10] as const;
const TICKS = [0, 0.25, 0.5, 0.75, 1] as const;

/** Models that were trained here, by how long people worked on what they learned from. */
function effortPoints(models: readonly ModelAnswer[]): Point[] {
  return models
    .flatMap((model) => {
      const metric = mainMetric(model);
      const within = metric && [metric.low, metric.estimate, metric.high].every((value) => value >= 0 && value <= 1);
      if (!model.trainedOn || !metric || !within || metric.cases === 0) return [];
      const { estimate, low, high } = metric;
      return [{ model, minutes: model.trainedOn.annotatorSeconds / 60, estimate, low, high }];
    })
    .toSorted((a, b) => a.minutes - b.minutes);
}

/** What an annotator's minutes brought: each model's metric with its interval over the minutes of its training labels. */
export function EffortChart({ models }: { readonly models: readonly ModelAnswer[] }) {
  const { models: t } = useTexts();
  const points = effortPoints(models);
  const most = Math.max(1, ...points.map(({ minutes }) => minutes));
  if (points.length === 0) return null;
  const x = (minutes: number) => LEFT + (minutes / most) * (WIDTH - LEFT - 20);
  const y = (value: number) => TOP + (1 - value) * (HEIGHT - TOP - BOTTOM);
  return (
    <figure className={styles['effort']}>
      <figcaption>{t.effort}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
        <title>{t.effort}</title>
        {TICKS.map((value) => (
          <g key={value}>
            <line className={styles['grid']} x1={LEFT} x2={WIDTH - 20} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 6} y={y(value) + 4} textAnchor="end">
              {value}
            </text>
            <text x={x(value * most)} y={HEIGHT - 10} textAnchor="middle">
              {(value * most).toFixed(most < 10 ? 1 : 0)}
            </text>
          </g>
        ))}
        {[...Map.groupBy(points, ({ model }) => model.name)].map(([name, line]) => (
          <polyline key={name} points={line.map((p) => `${x(p.minutes)},${y(p.estimate)}`).join(' ')} />
        ))}
        {points.map(({ model, minutes, estimate, low, high }) => (
          <Link key={model.id} href={`/models/${encodeURIComponent(model.id)}`}>
            <title>{t.effortOf({ model: model.id, value: short(estimate), minutes: minutes.toFixed(1) })}</title>
            <line className={styles['whisker']} x1={x(minutes)} x2={x(minutes)} y1={y(low)} y2={y(high)} />
            <circle cx={x(minutes)} cy={y(estimate)} r="5" />
          </Link>
        ))}
      </svg>
      <small>{t.effortAxis}</small>
    </figure>
  );
}
