import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  type CompressionPlan,
  coordinateMedian,
  decompressUpdate,
  fedAvg,
  type Layout,
  type Strategy,
  UpdateCompressor,
  valuesIn,
} from '@vesalius/federated';
import type { Measure } from '../figure-result.ts';
import type { SitesAnswer } from './f8-sites.ts';

const SITES = [5, 20, 100, 500];
const ROUNDS = 3;
/** Of the network that F1 trains, layer by layer about alike. */
const LAYOUT: Layout = [
  { name: 'a', shape: [32, 16, 3, 3] },
  { name: 'b', shape: [32, 32, 3, 3] },
  { name: 'c', shape: [64, 32, 3, 3] },
  { name: 'd', shape: [64, 64, 3, 3] },
  { name: 'norm', shape: [64] },
];
const UPDATES = 100;

/** Federations of many sites in one process, each in a process of its own; and what a coordinator takes in a second. */
export const measure: Measure = async ({ quick, log }) => {
  const sizes = quick ? SITES.slice(0, 2) : SITES;
  const answers = sizes.map((sites) => {
    const answer = simulated(sites, quick ? 1 : ROUNDS);
    log(JSON.stringify(answer));
    return answer;
  });
  const [first, last] = [answers[0], answers.at(-1)] as [SitesAnswer, SitesAnswer];
  const figure: Record<string, number> = { sites: last.sites, values: last.values };
  for (const { sites, secondsARound, trainingSecondsARound, memory } of answers) {
    figure[`secondsARound${sites}`] = secondsARound;
    figure[`trainingSecondsARound${sites}`] = trainingSecondsARound;
    figure[`memoryMiB${sites}`] = memory;
  }
  // 1 where twice the sites take twice as much.
  const exponent = (a: number, b: number): number => Math.log(b / a) / Math.log(last.sites / first.sites);
  figure['timeGrowth'] = exponent(first.secondsARound, last.secondsARound);
  figure['memoryGrowth'] = exponent(first.memory, last.memory);
  figure['memoryPerSiteMiB'] = (last.memory - first.memory) / (last.sites - first.sites);
  const rates = {
    updatesPerSecond: throughput({ method: 'float32' }, fedAvg()),
    updatesPerSecond8Bit: throughput({ method: '8-bit' }, fedAvg()),
    updatesPerSecondLargest: throughput({ method: 'largest', share: 0.03 }, fedAvg()),
    updatesPerSecondMedian: throughput({ method: 'float32' }, coordinateMedian()),
  };
  log(JSON.stringify(rates));
  return { figure: { ...figure, ...rates }, peer: {} };
};

function simulated(sites: number, rounds: number): SitesAnswer {
  const script = fileURLToPath(new URL('./f8-sites.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, String(sites), String(rounds)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new VesaliusError('RUNTIME_FAILED', { what: script, got: stderr.slice(-300) });
  return JSON.parse(stdout) as SitesAnswer;
}

/** Updates that are opened and become part of the mean, in one CPU second of one thread. */
function throughput(plan: CompressionPlan, strategy: Strategy): number {
  const random = new Random(1);
  const update = new Map(
    LAYOUT.map((layer) => [layer.name, random.fillNormal(new Float32Array(valuesIn(layer)))] as const),
  );
  const sent = new UpdateCompressor({ layout: LAYOUT, plan }).compress(update, 'seed');
  const round = (): void => {
    const updates = Array.from({ length: UPDATES }, (_, n) => {
      const change = decompressUpdate(sent, { layout: LAYOUT, plan }, 'seed');
      return { site: `site ${n}`, examples: 1, change };
    });
    strategy.aggregate(updates);
  };
  round();
  const { user, system } = process.cpuUsage();
  round();
  const spent = process.cpuUsage({ user, system });
  return (1e6 * UPDATES) / (spent.user + spent.system);
}
