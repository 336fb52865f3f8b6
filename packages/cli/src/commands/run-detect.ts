import { basename, resolve } from 'node:path';
import { writeFileAtomic } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import {
  type Candidate,
  type DetectionFigures,
  detectionFigures,
  FROC_RATES,
  holdOutSplit,
  NODULE_DETECTOR,
} from '@vesalius/medical';
import { partByRule } from '../datasets/open-dataset.ts';
import { type MarkedScan, readMarkedScans } from '../detection/detection-data.ts';
import { readDetector, writeDetector } from '../detection/detector-model.ts';
import { frocPage } from '../detection/froc-page.ts';
import { prepareScans, searchScans, trainDetector } from '../detection/train-detector.ts';
import { showProgress } from '../run/progress.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { DETECT_OPTIONS } from './detect.ts';

type Options = CommandArguments<typeof DETECT_OPTIONS>['options'];

/** Trains, asks or measures a detector. */
export async function runDetect(
  { positionals: [action = '', data = '', model = ''], options }: CommandArguments<typeof DETECT_OPTIONS>,
  context: CommandContext,
): Promise<void> {
  const places = { data: resolve(context.cwd, data), model: resolve(context.cwd, model) };
  if (action === 'train') return train(places, options, context);
  if (action === 'predict') return predict(places, options, context);
  if (action === 'evaluate') return evaluate(places, options, context);
  throw new VesaliusError('UNKNOWN_OPTION', { what: 'action', got: action, expected: 'train, predict or evaluate' });
}

interface Places {
  readonly data: string;
  readonly model: string;
}

/** Of the patch: the stride of the answer, and the halvings of the network behind it. */
const PATCH_FACTOR = 8;

async function train(places: Places, options: Options, context: CommandContext): Promise<void> {
  const { seed, steps, threads, patch } = options;
  if (patch % PATCH_FACTOR !== 0)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: '--patch',
      got: patch,
      expected: `a multiple of ${PATCH_FACTOR}`,
    });
  const setup = {
    ...NODULE_DETECTOR,
    spacingMm: options.spacing,
    patchSize: [patch, patch, patch] as const,
    batchSize: options.batch,
  };
  const scans = await readMarkedScans(places.data, { marked: true });
  const { training, validation } = parts(scans, options);
  const prepared = await shown(context, 'Preparing', (progress) => prepareScans(training, setup, progress));
  const progress = showProgress(context.stderr, { label: 'Training', json: context.json });
  const weights = await trainDetector(prepared, {
    setup,
    steps,
    seed,
    threads,
    run: `${places.model}.run`,
    signal: context.signal,
    onStep: (done, loss) => progress.update({ done, total: steps, loss }),
  });
  progress.finish();
  const searched = await shown(context, 'Evaluating', (asked) =>
    searchScans(validation, { setup, weights, threads, ...asked }),
  );
  const { curve: _, ...figures } = detectionFigures(searched);
  const findings = training.reduce((sum, scan) => sum + scan.findings.length, 0);
  const card = { setup, training: { steps, seed, scans: training.length, findings }, trainedOn: prepared.hashes };
  await writeDetector(places.model, { ...card, validation: figures }, weights);
  context.stdout.write(`${context.json ? JSON.stringify(figures) : tableOf(figures)}\n`);
}

function parts(scans: readonly MarkedScan[], { patient, validation, seed }: Options) {
  const patientOf = (id: string): string => (patient === undefined ? id : partByRule(id, patient, '--patient'));
  const split = holdOutSplit(
    scans.map(({ id }) => ({ id, patient: patientOf(id) })),
    validation,
    seed,
  );
  const named = (ids: readonly string[]): MarkedScan[] => scans.filter(({ id }) => ids.includes(id));
  const training = named(split.training);
  if (training.some(({ findings }) => findings.length > 0)) return { training, validation: named(split.validation) };
  throw new VesaliusError('DATA_MISMATCH', { what: 'nodules in the training scans', got: 0, expected: 'at least 1' });
}

interface Progress {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, note: string) => void;
}

async function shown<T>(
  { stderr, json, signal }: CommandContext,
  label: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = showProgress(stderr, { label, json });
  const result = await work({ signal, onProgress: (done, total, note) => progress.update({ done, total, note }) });
  progress.finish();
  return result;
}

async function predict(places: Places, options: Options, context: CommandContext): Promise<void> {
  const { card, weights } = await readDetector(places.model);
  const scans = await readMarkedScans(places.data, { marked: false });
  const { threads, most } = options;
  const searched = await shown(context, 'Searching', (asked) =>
    searchScans(scans, { setup: card.setup, weights, threads, most, ...asked }),
  );
  const lines = searched.flatMap(({ id, candidates }) => candidates.map((candidate) => lineOf(id, candidate)));
  const table = `${['seriesuid,coordX,coordY,coordZ,probability,diameter_mm', ...lines].join('\n')}\n`;
  if (options.out !== undefined) await writeFileAtomic(resolve(context.cwd, options.out), table);
  if (context.json)
    for (const { id, candidates } of searched) context.stdout.write(`${JSON.stringify({ scan: id, candidates })}\n`);
  else context.stdout.write(options.out === undefined ? table : `${lines.length} candidates in ${options.out}\n`);
}

function lineOf(id: string, { centreMm, score, diameterMm }: Candidate): string {
  return [id, ...centreMm.map((mm) => mm.toFixed(2)), score.toFixed(4), diameterMm.toFixed(1)].join(',');
}

async function evaluate(places: Places, options: Options, context: CommandContext): Promise<void> {
  const { card, weights } = await readDetector(places.model);
  const scans = await readMarkedScans(places.data, { marked: true });
  const { threads, most } = options;
  const searched = await shown(context, 'Searching', (asked) =>
    searchScans(scans, { setup: card.setup, weights, threads, most, ...asked }),
  );
  const seen = searched.filter(({ hash }) => card.trainedOn.includes(hash));
  if (seen.length > 0)
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'scans that the detector was trained on',
      got: seen.length,
      expected: 0,
      file: places.data,
    });
  const { curve, ...figures } = detectionFigures(searched);
  if (options.out !== undefined)
    await writeFileAtomic(
      resolve(context.cwd, options.out),
      frocPage(`Detector ${basename(places.model)}`, { ...figures, curve }),
    );
  context.stdout.write(`${context.json ? JSON.stringify(figures) : tableOf(figures)}\n`);
}

function tableOf({ scans, findings, sensitivities, score }: Omit<DetectionFigures, 'curve'>): string {
  const rows = FROC_RATES.map((rate, i) => `  ${String(rate).padStart(5)}  ${sensitivities[i]?.toFixed(3)}`);
  return [
    `${findings} nodules in ${scans} scans`,
    'false positives a scan, sensitivity:',
    ...rows,
    `mean ${score.estimate.toFixed(3)} (${score.low.toFixed(3)} to ${score.high.toFixed(3)})`,
  ].join('\n');
}
