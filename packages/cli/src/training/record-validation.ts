import type { MetricInterval } from '@vesalius/bundle';
import type { Summary } from '@vesalius/engine';
import type { ReportCase } from '../report/training-report.ts';
import { openEventFile } from '../run/event-file.ts';

/** Puts what a trained model reached on unseen cases, and pictures of some, beside its curves in the run's event files. */
export function recordValidation(
  runFolder: string,
  { step, metrics, shown }: { step: number; metrics: readonly MetricInterval[]; shown: readonly ReportCase[] },
): void {
  const events = openEventFile(runFolder);
  try {
    const scalars = metrics
      .filter(({ estimate }) => Number.isFinite(estimate))
      .map(({ name, className = 'mean', estimate }): Summary => {
        return { kind: 'scalar', tag: `validation/${name}/${className}`, value: estimate };
      });
    const pictures = shown.flatMap(({ caption, scores, pictures: planes }) =>
      planes.map(({ plane, ...picture }): Summary => {
        return { kind: 'image', tag: `validation/${caption}, ${scores.id}/${plane}`, pictures: [picture] };
      }),
    );
    events.write(step, [...scalars, ...pictures]);
  } finally {
    events.close();
  }
}
