import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ScalarSeries } from '@vesalius/api';

/** Fields of a step in the log, under the names that TensorBoard shows them by. */
const TAGS: Readonly<Record<string, string>> = {
  loss: 'train/loss',
  dice: 'train/dice',
  learningRate: 'train/learning_rate',
  gradientNorm: 'train/gradient_norm',
  lossScale: 'train/loss_scale',
  skippedSteps: 'train/skipped_steps',
};
const MOST_POINTS = 2000;

type Point = ScalarSeries['points'][number];

/** The curves of a run, from its log; of very long ones every second, third, … point. */
export async function readScalars(runFolder: string): Promise<readonly ScalarSeries[]> {
  const file = join(runFolder, 'log.jsonl');
  if (!(await stat(file).catch(() => undefined))) return [];
  const curves = new Map<string, Point[]>();
  for await (const line of createInterface(createReadStream(file))) {
    for (const [tag, point] of pointsOf(line)) {
      const points = curves.get(tag) ?? [];
      points.push(point);
      curves.set(tag, points);
    }
  }
  return [...curves].map(([tag, points]) => ({ tag, points: thinned(points) }));
}

function* pointsOf(line: string): Generator<[string, Point]> {
  const { event, time, step, scalars, ...fields } = parsed(line);
  if (typeof time !== 'string' || !Number.isInteger(step)) return;
  const named = event === 'step' ? Object.entries(TAGS).map(([field, tag]) => [tag, fields[field]] as const) : [];
  // Validation and what the process uses stand in the log by the names of their curves.
  for (const [tag, value] of [...named, ...Object.entries(Object(scalars) as object)]) {
    if (typeof value === 'number' && Number.isFinite(value)) yield [tag, { step: step as number, at: time, value }];
  }
}

/** The last line may be half written. */
function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function thinned(points: readonly Point[]): Point[] {
  const each = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, i) => i % each === 0 || i === points.length - 1);
}
