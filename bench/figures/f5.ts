import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FederationAnswer, FederationExchange } from '@vesalius/api';
import { type LabelledImages, pickImages } from '@vesalius/medical';
import { openHandSite } from '../../tests/federation/hand-site.ts';
import { create, letIn, reached } from '../../tests/federation/hospitals.ts';
import { openWire, type Wire } from '../../tests/federation/wire.ts';
import { killServers } from '../../tests/server/started-server.ts';
import { ROOT } from '../../tools/root.ts';
import type { FigureOptions, Measure } from '../figure-result.ts';
import { disturb, type Echoes, echo, type FaultCounts } from './f5-faults.ts';
import { allReady, federationPort, type Hospitals, openHospitals, writeNodules } from './hospitals.ts';
import { readNodules } from './nodules.ts';

const preload = (file: string) => ({ NODE_OPTIONS: `--import=${join(ROOT, 'tests/federation', file)}` });
/** What is odd about each site from the beginning. */
const SITES = {
  a: {},
  b: {},
  slow: {},
  'clock-ahead': { ...preload('shifted-clock.ts'), SHIFTED_HOURS: '7' },
  older: preload('older-site.ts'),
};
const ECHO = 'echo';
const SLOW = 'slow';

/** Images of each class that a site has at most. */
const FULL = { rounds: 40, kills: 30, localSteps: 10, images: Number.POSITIVE_INFINITY, deadlineSeconds: 60 };
const QUICK = { rounds: 32, kills: 30, localSteps: 4, images: 100, deadlineSeconds: 30 };
type Size = typeof FULL;

const PLAN = { imageShape: [1, 50, 50], batch: 32, learningRate: 0.1, minimumSites: 3 };
const CODES = { up: '8-bit', down: '8-bit' };

/** One federation of real processes, undisturbed and with every fault that can be made; what was counted is read from both ends' receipts. */
export const measure: Measure = async (options) => {
  const size = options.quick ? QUICK : FULL;
  const calm = await run(size, options, false);
  const disturbed = await run(size, options, true);
  const { faults, echoes } = disturbed;
  const alike = roundsAlike(calm.ended, disturbed.ended);
  const counted = disturbed.ended.rounds.map((round) => round.counted.length);
  options.log(JSON.stringify({ faults, echoes, alike, counted }));
  return {
    figure: {
      ...faults,
      ...echoes,
      kills: faults.coordinatorKills + faults.siteKills,
      rounds: disturbed.ended.round,
      roundsWithAllSites: counted.filter((sites) => sites === Object.keys(SITES).length + 1).length,
      countedTwice: disturbed.countedTwice + echoes.duplicatesCounted + echoes.replaysTaken + alike.wrong,
      // Rounds whose model is, bit by bit, that of the run without faults.
      roundsAlike: alike.right,
      receiptsApart: disturbed.receiptsApart,
      auditsBroken: disturbed.auditsBroken,
      auc: disturbed.auc,
      undisturbedAuc: calm.auc,
      aucOff: Math.abs(disturbed.auc - calm.auc),
      seconds: disturbed.seconds,
      undisturbedSeconds: calm.seconds,
    },
    peer: {},
  };
};

interface Run extends Receipts {
  readonly ended: FederationAnswer;
  readonly auc: number;
  readonly auditsBroken: number;
  readonly faults: FaultCounts;
  readonly echoes: Echoes;
  readonly seconds: number;
}

async function run(size: Size, { log }: FigureOptions, isDisturbed: boolean): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-f5-'));
  const wires = new Map<string, Wire>();
  try {
    const hospitals = await openHospitals(folder, SITES);
    const federation = await gather(hospitals, { size, folder, wires });
    const { coordinator } = hospitals;
    const hand = await openHandSite(coordinator, federation, { name: ECHO });
    await allReady(coordinator, federation.id);
    const begun = performance.now();
    const params = { federation: federation.id };
    await coordinator.client.call('startFederation', { params });
    let isOver = false;
    const echoing = echo(hand, federation.planHash, () => isOver);
    const { rounds, kills } = size;
    const asked = { hospitals, federation: federation.id, wires, rounds, kills, slow: SLOW, log };
    const faults = isDisturbed ? await disturb(asked) : { coordinatorKills: 0, siteKills: 0, cuts: 0, slowRounds: 0 };
    const ended = await reached(coordinator, federation.id, ({ state }) => state === 'finished', 1500);
    const seconds = (performance.now() - begun) / 1000;
    isOver = true;
    const echoes = await echoing;
    hand.close();
    const auc = ended.rounds.at(-1)?.pooledAuc ?? Number.NaN;
    log(
      `${isDisturbed ? 'disturbed' : 'undisturbed'}: AUC ${auc} after ${ended.round} rounds, ${Math.round(seconds)} s`,
    );
    const receipts = await compareReceipts(hospitals, ended);
    return { ended, auc, faults, echoes, seconds, ...receipts, auditsBroken: await brokenAudits(hospitals) };
  } finally {
    killServers();
    for (const wire of wires.values()) wire.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every site joins through a way of its own, which can be cut. */
async function gather(
  { coordinator, sites }: Hospitals,
  { size, folder, wires }: { readonly size: Size; readonly folder: string; readonly wires: Map<string, Wire> },
): Promise<FederationAnswer> {
  const nodules = await readNodules(0);
  const { rounds, localSteps, deadlineSeconds } = size;
  const request = { ...PLAN, ...CODES, rounds, localSteps, deadlineSeconds, evaluateEvery: rounds };
  const federation = await create(coordinator, request);
  for (const [n, [name, house]] of [...sites].entries()) {
    const images = nodules.sites[n] ?? { images: new Float32Array(), labels: new Uint8Array() };
    const some = [0, 1].flatMap((label) => numbersOf(images, label).slice(0, size.images));
    const data = writeNodules(join(folder, `${name}.safetensors`), pickImages(images, some));
    const wire = await openWire(federationPort(coordinator));
    wires.set(name, wire);
    await letIn(coordinator, house, { federation: federation.id, name, data, url: `https://127.0.0.1:${wire.port}` });
  }
  return federation;
}

const numbersOf = ({ labels }: LabelledImages, label: number): number[] =>
  Array.from(labels.keys()).filter((n) => labels[n] === label);

interface Receipts {
  /** Updates that stand in a chain twice, or in a round's count otherwise than in the chain. */
  readonly countedTwice: number;
  /** Entries that the two ends wrote down differently. */
  readonly receiptsApart: number;
}

async function compareReceipts({ coordinator, sites }: Hospitals, { id, rounds }: FederationAnswer): Promise<Receipts> {
  const params = { federation: id };
  const all = await coordinator.client.call('listExchanges', { params });
  const keyOf = ({ site, round }: Pick<FederationExchange, 'site' | 'round'>) => `${site} ${round}`;
  const inChains = all.map(keyOf);
  const inRounds = rounds.flatMap(({ round, counted }) => counted.map((site) => keyOf({ site, round })));
  const repeated = (keys: readonly string[]) => keys.length - new Set(keys).size;
  const once = new Set(inChains);
  const unknown = inRounds.filter((key) => !once.has(key)).length;
  const left = inChains.filter((key) => !inRounds.includes(key)).length;
  let receiptsApart = 0;
  for (const [name, house] of sites) {
    const own = (await house.client.call('listExchanges', { params })).map(({ hash }) => hash);
    const here = all.filter(({ site }) => site === name).map(({ hash }) => hash);
    receiptsApart +=
      Math.abs(own.length - here.length) + here.filter((hash, i) => own[i] !== hash && i < own.length).length;
  }
  const hashes = all.map(({ site, updateHash }) => `${site} ${updateHash}`);
  return { countedTwice: repeated(inChains) + repeated(inRounds) + repeated(hashes) + unknown + left, receiptsApart };
}

async function brokenAudits({ coordinator, sites }: Hospitals): Promise<number> {
  let broken = 0;
  for (const { client } of [coordinator, ...sites.values()]) if (!(await client.call('verifyAudit')).intact) broken++;
  return broken;
}

/** As long as both runs counted the same sites, their models must be the same: an update that went in twice would show. */
function roundsAlike(calm: FederationAnswer, disturbed: FederationAnswer): { right: number; wrong: number } {
  const found = { right: 0, wrong: 0 };
  for (const [n, round] of disturbed.rounds.entries()) {
    const other = calm.rounds[n];
    if (!other || other.counted.join() !== round.counted.join()) break;
    found[other.modelHash === round.modelHash ? 'right' : 'wrong']++;
  }
  return found;
}
