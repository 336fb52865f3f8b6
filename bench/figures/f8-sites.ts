// `node bench/figures/f8-sites.ts SITES ROUNDS`: a federation of so many sites in one process; one line of JSON.
import { Random, sgd } from '@vesalius/engine';
import { fedAvg, type LocalSite, simulateFederation } from '@vesalius/federated';
import { createClassifierTrainer, groupNormResNet, type LabelledImages } from '@vesalius/medical';

const SIDE = 50;
const IMAGES = 8;
const BATCH = 4;
const LOCAL_STEPS = 1;

/** What a federation of so many sites took. */
export interface SitesAnswer {
  readonly sites: number;
  /** CPU seconds. */
  readonly secondsARound: number;
  /** Of these, of local training. */
  readonly trainingSecondsARound: number;
  /** The most that the process held, MiB. */
  readonly memory: number;
  readonly values: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const [sites = 0, rounds = 0] = process.argv.slice(2).map(Number);
const trainer = await createClassifierTrainer(
  {
    network: (scope, x) => groupNormResNet(scope, x, { numClasses: 2, stemStride: 2 }),
    imageShape: [1, SIDE, SIDE],
    batchSize: BATCH,
    optimizer: sgd(),
  },
  { seed: 1, threads: 1 },
);
let training = 0;
const federation = simulateFederation({
  sites: Array.from({ length: sites }, (_, n) => siteOf(n)),
  strategy: fedAvg(),
  layout: trainer.parameters,
  weights: trainer.weights(),
  rounds,
  localSteps: LOCAL_STEPS,
  learningRate: 0.01,
  up: { method: 'largest', share: 0.03 },
  down: { method: '8-bit' },
  seed: 1,
});
const before = cpu();
let [bytesUp, bytesDown] = [0, 0];
for await (const record of federation) ({ bytesUp, bytesDown } = record);
const answer: SitesAnswer = {
  sites,
  secondsARound: (cpu() - before) / rounds,
  trainingSecondsARound: training / rounds,
  memory: process.resourceUsage().maxRSS / 1024,
  values: trainer.parameters.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0),
  bytesUp,
  bytesDown,
};
await trainer.close();
console.log(JSON.stringify(answer));

function siteOf(n: number): LocalSite {
  const random = new Random(n);
  const images: LabelledImages = {
    images: random.fillNormal(new Float32Array(IMAGES * SIDE * SIDE)),
    labels: Uint8Array.from({ length: IMAGES }, (_, i) => i % 2),
  };
  return {
    name: `site ${n}`,
    examples: IMAGES,
    train: async ({ weights, ...work }) => {
      const from = cpu();
      trainer.start(weights);
      await trainer.train(images, work);
      const after = trainer.weights();
      training += cpu() - from;
      return after;
    },
  };
}
