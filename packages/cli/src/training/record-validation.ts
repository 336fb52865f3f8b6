import { join } from 'node:path';
import type { MetricInterval } from '@vesalius/bundle';
import type { Summary } from '@vesalius/engine';
import type { ReportCase } from '../report/training-report.ts';
import { openEventFile } from '../run/event-file.ts';
import { openRunLog } from '../run/run-log.ts';
import { writePictures } from '../run/write-pictures.ts';

/** Puts what a trained model reached on unseen cases, and pictures of some, beside its curves: event files, log, PNG files. */
export async function recordValidation(
  runFolder: string,
  { step, metrics, shown }: { step: number; metrics: readonly MetricInterval[]; shown: readonly ReportCase[] },
): Promise<void> {
  const events = openEventFile(runFolder);
  const log = openRunLog(join(runFolder, 'log.jsonl'), step);
  try {
    const values = metrics
      .filter(({ estimate }) => Number.isFinite(estimate))
      .map(({ name, className = 'mean', estimate }) => [`validation/${name}/${className}`, estimate] as const);
    const scalars = values.map(([tag, value]): Summary => ({ kind: 'scalar', tag, value }));
    const pictures = shown.flatMap(({ caption, scores, pictures: planes }) =>
      planes.map(({ plane, ...picture }): Summary => {
        return { kind: 'image', tag: `validation/${caption}, ${scores.id}/${plane}`, pictures: [picture] };
      }),
    );
    events.write(step, [...scalars, ...pictures]);
    log.write({ event: 'validation', step, scalars: Object.fromEntries(values) });
    const named = shown.flatMap(({ caption, scores, pictures: planes }) =>
      planes.map(({ plane, png }) => ({ name: `${caption} ${scores.id} ${plane}`, png })),
    );
    await writePictures(runFolder, step, named);
  } finally {
    log.close();
    events.close();
  }
}
