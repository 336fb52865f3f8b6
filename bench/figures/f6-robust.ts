import { Random } from '@vesalius/engine';
import {
  coordinateMedian,
  fedAvg,
  krum,
  type LayerValues,
  type LocalSite,
  type Strategy,
  trimmedMean,
} from '@vesalius/federated';
import type { LabelledImages } from '@vesalius/medical';
import type { FigureOptions } from '../figure-result.ts';
import { openResults } from '../results-store.ts';
import {
  createNoduleNetwork,
  federateNodules,
  NODULE_SIDE,
  type NoduleNetwork,
  type Nodules,
  noduleAuc,
  noduleFolder,
  noduleSite,
  readNodules,
} from './nodules.ts';

const STRATEGIES: Readonly<Record<string, () => Strategy>> = {
  fedavg: fedAvg,
  median: coordinateMedian,
  'trimmed mean': () => trimmedMean(0.2),
  krum: () => krum(1, 3),
};
const ROBUST = ['median', 'trimmed mean', 'krum'];

/** What one site of five, the last, makes of its change. */
const ATTACKS = ['none', 'nan', 'huge', 'sign-flipped', 'back-doored'] as const;
type Attack = (typeof ATTACKS)[number];

/** How much more than its own change a hostile site sends, to weigh as much as all. */
const BOOST = 5;
/** The mark of the back door: pixels, and deviations above the mean. */
const SQUARE = 6;
const BRIGHT = 3;

const ROUNDS = 25;
const LOCAL_STEPS = 10;
const LEARNING_RATE = 0.1;
const SEED = 0;

/**
 * The area under the curve that each strategy ends with while one of five sites sends what it likes; and of nodules under the back door's mark, which
 * falls where the door stands open.
 */
export async function measureRobust({ quick, log }: FigureOptions): Promise<Record<string, number>> {
  const results = openResults({
    name: quick ? 'f6-robust-quick' : 'f6-robust',
    columns: ['auc', 'markedAuc'],
    sources: [
      'bench/figures/f6-robust.ts',
      'bench/figures/nodules.ts',
      'packages/federated/src/strategies/*.ts',
      'packages/federated/src/rounds/*.ts',
      'packages/medical/src/classification/*.ts',
    ],
    data: [noduleFolder()],
  });
  const nodules = await readNodules(SEED);
  const network = await createNoduleNetwork(SEED);
  const weights = network.trainer.weights();
  const marked = stamped(nodules.validation);
  try {
    for (const attack of ATTACKS)
      for (const [name, strategy] of Object.entries(STRATEGIES)) {
        const row = `${name} ${attack}`;
        if (results.has(row)) continue;
        const sites = sitesUnder(attack, nodules, network);
        const options = { strategy: strategy(), weights, learningRate: LEARNING_RATE, seed: SEED, sites };
        const rounds = quick ? 1 : ROUNDS;
        // A model that has gone to pieces cannot be trained on.
        const scores = await federateNodules(network, nodules, { ...options, rounds, localSteps: LOCAL_STEPS }).then(
          async ({ auc, common }) => ({ auc, markedAuc: await noduleAuc(network, common, marked) }),
          () => ({ auc: Number.NaN, markedAuc: Number.NaN }),
        );
        results.append(row, scores);
        log(`${row}: ${JSON.stringify(scores)}`);
      }
  } finally {
    await network.close();
  }
  const aucs = new Map(results.current().map((row) => [row.case, row.values['auc'] ?? Number.NaN]));
  const figure: Record<string, number> = {};
  for (const [row, auc] of aucs) figure[`${row}.auc`] = auc;
  for (const row of results.current()) figure[`${row.case}.markedAuc`] = row.values['markedAuc'] ?? Number.NaN;
  const lost = ROBUST.flatMap((name) =>
    ATTACKS.slice(1).map((attack) => (aucs.get(`${name} none`) ?? Number.NaN) - (aucs.get(`${name} ${attack}`) ?? 0)),
  );
  return { ...figure, robustAucLost: Math.max(...lost), plainAuc: aucs.get('fedavg none') ?? Number.NaN };
}

function sitesUnder(attack: Attack, nodules: Nodules, network: NoduleNetwork): LocalSite[] {
  const honest = nodules.sites.map((images, n) => noduleSite(n, images, network));
  const [own, last] = [nodules.sites.at(-1), honest.at(-1)];
  if (attack === 'none' || !last || !own) return honest;
  const trained = attack === 'back-doored' ? noduleSite(honest.length - 1, stamped(own, 0), network) : last;
  const hostile: LocalSite = {
    ...trained,
    train: async (work) => {
      const after = await trained.train(work);
      return spoil(attack, work.weights, after);
    },
  };
  return [...honest.slice(0, -1), hostile];
}

/** Nodules under a bright square in the corner; with a label given, said to be of that class. */
function stamped({ images, labels }: LabelledImages, label?: number): LabelledImages {
  const each = NODULE_SIDE ** 2;
  const marked = images.map((value, i) => {
    const [x, y] = [i % NODULE_SIDE, Math.floor((i % each) / NODULE_SIDE)];
    return labels[Math.floor(i / each)] === 1 && x < SQUARE && y < SQUARE ? BRIGHT : value;
  });
  return { images: marked, labels: labels.map((own) => (own === 1 ? (label ?? own) : own)) };
}

function spoil(attack: Exclude<Attack, 'none'>, before: LayerValues, after: LayerValues): LayerValues {
  const random = new Random('hostile');
  const sent = (from: number, to: number): number => {
    if (attack === 'nan') return Number.NaN;
    if (attack === 'huge') return from + 1e6 * random.normal();
    return from + (attack === 'sign-flipped' ? -BOOST : BOOST) * (to - from);
  };
  return new Map(
    [...before].map(([layer, values]) => {
      const trained = after.get(layer) ?? values;
      return [layer, values.map((from, i) => sent(from, trained[i] as number))] as const;
    }),
  );
}
