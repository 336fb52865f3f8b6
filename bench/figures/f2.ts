import type { CompressionPlan } from '@vesalius/federated';
import { fedAvg } from '@vesalius/federated';
import type { FigureOptions, Measure } from '../figure-result.ts';
import { openResults, type Results } from '../results-store.ts';
import { measureBesideFlower } from './f2-flower.ts';
import { createNoduleNetwork, federateNodules, noduleFolder, readNodules } from './nodules.ts';

interface Way {
  readonly name: string;
  readonly up: CompressionPlan;
  readonly down: CompressionPlan;
  /** Of Deep Gradient Compression. */
  readonly momentum?: number;
}

const DENSE: CompressionPlan = { method: 'float32' };
const DOWN: CompressionPlan = { method: 'largest', share: 0.03 };

/** Where a share stands, of the dense bytes. */
const WAYS: readonly Way[] = [
  { name: 'dense', up: DENSE, down: DENSE },
  { name: '8-bit', up: { method: '8-bit' }, down: { method: '8-bit' } },
  { name: '4-bit', up: { method: '4-bit' }, down: { method: '4-bit' } },
  { name: 'ternary', up: { method: 'ternary' }, down: { method: '4-bit' } },
  { name: 'top-k 10 %', up: { method: 'largest', share: 0.1 }, down: { method: 'largest', share: 0.1 } },
  { name: 'top-k 3 %', up: { method: 'largest', share: 0.03 }, down: DOWN },
  { name: 'top-k 1 %', up: { method: 'largest', share: 0.01 }, down: { method: 'largest', share: 0.01 } },
  { name: 'DGC 3 %', up: { method: 'largest', share: 0.03 }, down: DOWN, momentum: 0.5 },
  { name: 'rand-k 10 %', up: { method: 'random', share: 0.1 }, down: { method: 'largest', share: 0.1 } },
  { name: 'PowerSGD 5 %', up: { method: 'low-rank', share: 0.05 }, down: { method: 'low-rank', share: 0.05 } },
  { name: 'top-k 3 % up alone', up: { method: 'largest', share: 0.03 }, down: DENSE },
];
/** Named before anything was measured. */
const OURS = 'top-k 3 %';

const SEEDS = [0, 1, 2];
const ROUNDS = 30;
const LOCAL_STEPS = 10;
const LEARNING_RATE = 0.1;
const COLUMNS = ['auc', 'bytesUp', 'bytesDown', 'seconds', 'rounds'];

/** Bytes against the area under the curve of every way to send a change, at equal rounds, steps, model and split. */
export const measure: Measure = async ({ quick, log }) => {
  const results = openResults({
    name: quick ? 'f2-quick' : 'f2',
    columns: COLUMNS,
    sources: [
      'bench/figures/f2.ts',
      'bench/figures/nodules.ts',
      'packages/federated/src/{compression,rounds,strategies}/*.ts',
      'packages/medical/src/classification/*.ts',
    ].flatMap(withoutBraces),
    data: [noduleFolder()],
  });
  const seeds = quick ? [0] : SEEDS;
  for (const seed of seeds) await runAll(seed, { quick, log, results });
  const { figure, peer } = await measureBesideFlower({ quick, log });
  return { figure: { ...figureOf(results, seeds), ...figure }, peer };
};

const withoutBraces = (glob: string): string[] => {
  const [, inside] = /\{(.*)\}/.exec(glob) ?? [];
  return inside ? inside.split(',').map((one) => glob.replace(/\{.*\}/, one)) : [glob];
};

async function runAll(seed: number, { quick, log, results }: FigureOptions & { readonly results: Results }) {
  const ways = WAYS.filter(({ name }) => !results.has(`${name} seed ${seed}`));
  if (ways.length === 0) return;
  const nodules = await readNodules(seed);
  const network = await createNoduleNetwork(seed);
  const weights = network.trainer.weights();
  const rounds = quick ? 2 : ROUNDS;
  try {
    for (const { name, up, down, momentum = 0 } of ways) {
      const run = await federateNodules(network, nodules, {
        strategy: fedAvg(),
        weights,
        rounds,
        localSteps: LOCAL_STEPS,
        learningRate: LEARNING_RATE,
        up,
        down,
        momentum,
        seed,
      });
      const { auc, bytesUp, bytesDown, seconds } = run;
      results.append(`${name} seed ${seed}`, { auc, bytesUp, bytesDown, seconds, rounds });
      log(
        `${name}, seed ${seed}: AUC ${run.auc.toFixed(4)}, ${run.bytesUp} up, ${run.bytesDown} down, ${run.seconds} s`,
      );
    }
  } finally {
    await network.close();
  }
}

function figureOf(results: Results, seeds: readonly number[]): Record<string, number> {
  const rows = new Map(results.current().map((row) => [row.case, row.values]));
  const meanOf = (name: string, column: string): number =>
    seeds.reduce((sum, seed) => sum + (rows.get(`${name} seed ${seed}`)?.[column] ?? Number.NaN), 0) / seeds.length;
  const bytesOf = (name: string): number => meanOf(name, 'bytesUp') + meanOf(name, 'bytesDown');
  const figure: Record<string, number> = {
    compressors: WAYS.length - 1,
    seeds: seeds.length,
    bytesSaved: 1 - bytesOf(OURS) / bytesOf('dense'),
    aucLost: meanOf('dense', 'auc') - meanOf(OURS, 'auc'),
  };
  for (const { name } of WAYS) {
    figure[`${name}.auc`] = meanOf(name, 'auc');
    figure[`${name}.bytesARound`] = bytesOf(name) / meanOf(name, 'rounds');
    figure[`${name}.secondsARound`] = meanOf(name, 'seconds') / meanOf(name, 'rounds');
  }
  return figure;
}
