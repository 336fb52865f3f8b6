import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { type BatchSource, createSegmentationTrainer, meanOfNumbers, type SegmentationSetup } from '@vesalius/medical';
import { ROOT } from '../../tools/root.ts';
import { compareSkin, readSkinComparison, type SkinComparison, type SkinRow } from '../compare/skin-comparison.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';
import { openResults } from '../results-store.ts';
import { dataFolder } from './data-folder.ts';

const PRECISIONS = ['float32', 'mixed'] as const;
/** Cut to a bound of the processor's time: six trainings in about an hour. */
const STEPS = 1000;
const COLUMNS = ['peakMib', 'beforeMib', 'cpuSeconds', 'loss'];
/** The network at the image's resolution, and behind the stem that plans give it. */
const NETWORKS = { whole: { stem: 1 }, planned: { stem: 2 } } as const;

/** Mixed precision beside float32: peak of memory of a fresh process that only trains, Dice, and a planted overflow. */
export async function measure(options: FigureOptions): Promise<FigureResult> {
  const { quick, log } = options;
  const memory = measureMemory(options);
  const overflow = await plantOverflow();
  const dice = quick ? {} : await measureDice(log);
  const figure = { ...memory, ...overflow, ...dice };
  for (const [name, value] of Object.entries(figure)) log(`${name} ${Number(value.toPrecision(5))}`);
  return { figure, peer: {} };
}

/**
 * `memoryRatio` has both precisions give memory back with the last use, so that it is what float16 alone gives; `trainedMemoryRatio` is of what
 * `vesalius train` does, where float32 does not; `earlyRatio` is what giving back early does to float32.
 */
function measureMemory({ quick, log }: FigureOptions): Record<string, number> {
  const side = quick ? 128 : 256;
  const results = openResults({
    name: quick ? 'd6-memory-quick' : 'd6-memory',
    columns: COLUMNS,
    sources: [
      'packages/engine/src/**/*.ts',
      'packages/methods/src/trans-unet-plus-plus/*.ts',
      'bench/compare/training-step-memory.ts',
    ],
  });
  const figure: Record<string, number> = {};
  for (const [network, { stem }] of Object.entries(NETWORKS)) {
    const peakOf = (precision: string, freesEarly: boolean): number => {
      const name = [network, precision, freesEarly ? 'early' : 'planned-reuse'].join(' ');
      if (!results.has(name))
        results.append(name, trainApart({ precision, freesEarly, stem, shape: [8, 3, side, side] }));
      const found = results.current().find((row) => row.case === name)?.values ?? {};
      log(`${name}: ${COLUMNS.map((column) => `${column} ${found[column]}`).join(', ')}`);
      figure[`${network}.${precision}.${freesEarly ? 'early' : 'reused'}Mib`] = found['peakMib'] ?? Number.NaN;
      figure[`${network}.${precision}.cpuSeconds`] = found['cpuSeconds'] ?? Number.NaN;
      return found['peakMib'] ?? Number.NaN;
    };
    const peaks = PRECISIONS.map((precision) => [peakOf(precision, false), peakOf(precision, true)] as const);
    const [[reused, early], [mixedReused, mixedEarly]] = peaks as [(typeof peaks)[0], (typeof peaks)[0]];
    const prefix = network === 'whole' ? '' : `${network}.`;
    figure[`${prefix}memoryRatio`] = mixedEarly / early;
    figure[`${prefix}trainedMemoryRatio`] = mixedEarly / reused;
    figure[`${prefix}earlyRatio`] = early / reused;
    figure[`${prefix}mixedAloneRatio`] = mixedReused / reused;
  }
  return figure;
}

function trainApart(asked: Readonly<Record<string, unknown>>): Record<string, number> {
  const script = join(ROOT, 'bench/compare/training-step-memory.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, JSON.stringify(asked)], { encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout) as Record<string, number>;
  throw new VesaliusError('RUNTIME_FAILED', { what: 'measuring a training', got: stderr.slice(-500) });
}

/** bench/compare/skin.json with TransUNet++ alone, in both precisions. */
async function measureDice(log: FigureOptions['log']): Promise<Record<string, number>> {
  const whole = readSkinComparison();
  const ours = whole.recipes.find(({ name }) => name === 'TransUNet++');
  const recipes = PRECISIONS.map((precision) => ({ ...ours, name: precision, precision, steps: STEPS }));
  const data = join(dataFolder(), 'isic2017_skin');
  const out = process.env['VESALIUS_COMPARISON'] ?? join(ROOT, '.cache/d6');
  const comparison: SkinComparison = { ...whole, name: 'precision', steps: STEPS, recipes };
  return diceOf(await compareSkin({ name: 'd6', comparison, data, out, log }));
}

/** `diceT`: how many standard errors the means of the seeds lie apart (2.78 is the 95 % bound for three seeds each). */
function diceOf(rows: readonly SkinRow[]): Record<string, number> {
  const bySeed = (recipe: string): number[] => {
    const seeds = Map.groupBy(
      rows.filter((row) => row.recipe === recipe),
      ({ seed }) => seed,
    );
    return [...seeds.values()].map((found) => meanOfNumbers(found.map(({ values }) => values['dice'] as number)));
  };
  const [single, mixed] = [bySeed('float32'), bySeed('mixed')];
  const difference = meanOfNumbers(mixed) - meanOfNumbers(single);
  const error = Math.sqrt((variance(single) + variance(mixed)) / single.length);
  const images = new Set(rows.map(({ image }) => image)).size;
  return {
    seeds: single.length,
    images,
    float32Dice: meanOfNumbers(single),
    mixedDice: meanOfNumbers(mixed),
    diceDifference: difference,
    seedDeviation: Math.sqrt(variance(single)),
    diceT: Math.abs(difference) / error,
  };
}

function variance(values: readonly number[]): number {
  const mean = meanOfNumbers(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
}

const SIDE = 16;
const SMALL: SegmentationSetup = {
  network: { name: 'UNet', options: { outChannels: 2, channels: [8, 16], strides: [2] } },
  channels: 1,
  classes: 2,
  patchSize: [1, SIDE, SIDE],
  batchSize: 1,
  foregroundShare: 0,
  optimizer: { name: 'AdamW', weightDecay: 0 },
  learningRate: { name: 'poly', base: 1e-2, warmupSteps: 0, power: 0.9 },
  clipNorm: 12,
  emaDecay: 0.9,
  augmentation: { rotationRadians: 0, scale: 0, elasticProbability: 0, inPlaneOnly: true, intensity: 0, flipAxes: [] },
  precision: 'mixed',
};

/** One batch without numbers: its step must change nothing but the scale, and the next one must train. */
async function plantOverflow(): Promise<Record<string, number>> {
  const planted = 3;
  const label = Float32Array.from({ length: SIDE ** 2 }, (_, i) => Number(i % SIDE > 7));
  const batches: BatchSource = {
    batch: (step) => ({ label, image: label.map((value) => (step === planted ? Number.POSITIVE_INFINITY : value)) }),
  };
  const trainer = await createSegmentationTrainer(SMALL, batches, { seed: 0, threads: 1 });
  for (let step = 1; step < planted; step++) await trainer.advance(10);
  const before = JSON.stringify([...trainer.weights()]);
  const overflow = await trainer.advance(10);
  const kept = JSON.stringify([...trainer.weights()]) === before;
  const next = await trainer.advance(10);
  const moved = JSON.stringify([...trainer.weights()]) !== before;
  await trainer.close();
  const { lossScale = Number.NaN, skippedSteps = Number.NaN } = next.scaling ?? {};
  const halved = 2 * lossScale === overflow.scaling?.lossScale;
  return {
    skippedSteps,
    overflowRecovered: Number(kept && moved && halved && skippedSteps === 1 && Number.isFinite(next.loss)),
  };
}
