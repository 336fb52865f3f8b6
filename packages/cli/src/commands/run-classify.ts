import { resolve } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import type { ClassificationReport, Interval } from '@vesalius/medical';
import { patientsInSeveralParts } from '@vesalius/medical';
import type { TransferMethod } from '@vesalius/methods';
import { askClassifier, reportsOf } from '../classification/ask-classifier.ts';
import { type ClassificationData, readClassificationData } from '../classification/classification-data.ts';
import { readClassifier, writeClassifier } from '../classification/classifier-model.ts';
import {
  assertApart,
  type Parts,
  partsOf,
  shareOfLabels,
  trainClassifier,
} from '../classification/train-classifier.ts';
import { showProgress } from '../run/progress.ts';
import { readStoredWeights, weightsFolder } from '../weights/weights-store.ts';
import type { CLASSIFY_OPTIONS } from './classify.ts';
import type { CommandArguments, CommandContext } from './command.ts';

type Options = CommandArguments<typeof CLASSIFY_OPTIONS>['options'];

/** Trains, asks or measures a classifier. */
export async function runClassify(
  { positionals: [action = '', data = '', model = ''], options }: CommandArguments<typeof CLASSIFY_OPTIONS>,
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

async function train(places: Places, options: Options, context: CommandContext): Promise<void> {
  const { stdout, stderr, cwd, json, signal } = context;
  const folder = options['weights-folder'] === undefined ? weightsFolder() : resolve(cwd, options['weights-folder']);
  const stored = await readStoredWeights(folder, options.weights);
  const parts = await readParts(places.data, options, cwd);
  assertApart(parts);
  if (!parts.training.patients && !json)
    stderr.write('Patients are not known: pictures of one patient may stand in training and validation.\n');
  const progress = showProgress(stderr, { label: 'Training', json });
  const { steps } = options;
  const trained = await trainClassifier(parts, stored, {
    method: options.method as TransferMethod,
    side: options.size,
    channels: options.colour ? 3 : 1,
    steps,
    batch: options.batch,
    learningRate: options['learning-rate'],
    layerDecay: options['layer-decay'],
    seed: options.seed,
    threads: options.threads,
    cache: options.cache === undefined ? undefined : resolve(cwd, options.cache),
    signal,
    onStep: (done, loss) => progress.update({ done, total: steps, loss }),
  });
  progress.finish();
  await writeClassifier(places.model, trained.card, trained.weights);
  stdout.write(`${json ? JSON.stringify(trained.card.validation) : reportText(trained.card.validation)}\n`);
}

async function readParts(path: string, options: Options, cwd: string): Promise<Parts> {
  const { share, labels: labelShare, seed } = options;
  const patient = patternOf(options.patient);
  const all = await readLabelled(path, { patient });
  if (options.validation === undefined) return partsOf(all, { share, labelShare, seed });
  const validation = await readLabelled(resolve(cwd, options.validation), { patient, classes: all.classes });
  return { training: shareOfLabels(all, labelShare, seed), validation };
}

function patternOf(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: '--patient',
      got: text,
      expected: 'a regular expression',
      cause,
    });
  }
}

async function readLabelled(
  path: string,
  options: Parameters<typeof readClassificationData>[1],
): Promise<ClassificationData> {
  const data = await readClassificationData(path, options);
  if (data.labels.length === data.names.length && data.classes.length > 1) return data;
  const expected = 'two or more, a label for each picture';
  throw new VesaliusError('DATA_MISMATCH', { what: 'classes', got: data.classes, expected, file: path });
}

async function predict(places: Places, options: Options, { stdout, json }: CommandContext): Promise<void> {
  const model = await readClassifier(places.model);
  const { classes } = model.card;
  const { pictures, names } = await readClassificationData(places.data, { classes });
  const probabilities = await askClassifier(model, pictures, options.threads);
  if (!json) stdout.write(`file,${classes.join(',')}\n`);
  for (const [n, name] of names.entries()) {
    const row = probabilities.subarray(n * classes.length, (n + 1) * classes.length);
    const named = Object.fromEntries(classes.map((label, c) => [label, row[c]]));
    stdout.write(
      json
        ? `${JSON.stringify({ file: name, ...named })}\n`
        : `${name},${[...row].map((p) => p.toFixed(4)).join(',')}\n`,
    );
  }
}

async function evaluate(places: Places, options: Options, { stdout, json }: CommandContext): Promise<void> {
  const model = await readClassifier(places.model);
  const data = await readLabelled(places.data, { patient: patternOf(options.patient), classes: model.card.classes });
  const seen = patientsInSeveralParts([model.card.trainedOn, data.hashes]);
  if (seen.length > 0)
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'pictures that the classifier was trained on',
      got: seen.length,
      expected: 0,
      file: places.data,
    });
  const probabilities = await askClassifier(model, data.pictures, options.threads);
  const reports = reportsOf(data, probabilities);
  stdout.write(`${json ? JSON.stringify(reports) : reportText(reports)}\n`);
}

const interval = ({ value, low, high }: Interval): string =>
  `${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;

function reportText(reports: Readonly<Record<string, ClassificationReport>>): string {
  return Object.entries(reports)
    .map(([label, report]) => {
      const { cases, positives, patients, auc, aucBootstrap, averagePrecision, brier, calibrationError, groups } =
        report;
      const table = groups.map(
        (row) =>
          `  ${row.group} ${row.value}: ${row.cases} cases, ${row.positives} of ${label}, AUC ${interval(row.auc)}, Brier ${row.brier.toFixed(4)}`,
      );
      return [
        `${label}: ${positives} of ${cases} cases${patients === undefined ? ', patients not known' : `, ${patients} patients`}`,
        `  AUC ${interval(auc)} by DeLong, ${interval(aucBootstrap)} by bootstrap over ${patients === undefined ? 'cases' : 'patients'}`,
        `  average precision ${interval(averagePrecision)}`,
        `  Brier score ${brier.toFixed(4)}, expected calibration error ${calibrationError.toFixed(4)}`,
        ...table,
      ].join('\n');
    })
    .join('\n');
}
