import type { ModelAnswer } from '@vesalius/api';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './models.module.css';

type Metric = ModelAnswer['metrics'][number];

/** Metrics between 0 and 1 as a bar with its interval; others, such as distances, in numbers alone. */
export function MetricBar({ metric }: { readonly metric: Metric }) {
  const { models: t } = useTexts();
  const { estimate, low, high, confidence, cases } = metric;
  const words = t.interval({ low: short(low), high: short(high), percent: Math.round(confidence * 100), cases });
  const share = [estimate, low, high].every((value) => value >= 0 && value <= 1);
  return (
    <span className={styles['metric']} title={words}>
      <b>{short(estimate)}</b>
      {share && (
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={words}>
          <rect className={styles['rail']} width="100" height="10" />
          <rect className={styles['bar']} width={estimate * 100} height="10" />
          <rect
            className={styles['whisker']}
            x={low * 100}
            y="3.5"
            width={Math.max(0.8, (high - low) * 100)}
            height="3"
          />
        </svg>
      )}
      <small>
        {short(low)} – {short(high)}
      </small>
    </span>
  );
}

/** The metric that stands for the model: that of its gate, else the first mean over classes. */
export function mainMetric({ metrics, gate }: ModelAnswer): Metric | undefined {
  const means = metrics.filter(({ className }) => className === undefined);
  return means.find(({ name }) => name === gate?.metric) ?? means[0] ?? metrics[0];
}

export function short(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(3) : value.toFixed(1);
}
