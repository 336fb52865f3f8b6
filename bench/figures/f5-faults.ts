import { setTimeout as sleep } from 'node:timers/promises';
import { Code, ConnectError } from '@connectrpc/connect';
import { Random } from '@vesalius/engine';
import { type Task, TaskKind } from '@vesalius/federated/protocol';
import type { HandSite } from '../../tests/federation/hand-site.ts';
import { reached } from '../../tests/federation/hospitals.ts';
import type { Wire } from '../../tests/federation/wire.ts';
import type { Hospitals } from './hospitals.ts';

const CUT_MS = 6000;
/** A killed program is away for up to so long. */
const AWAY_MS = 1500;
const PATIENCE_SECONDS = 300;

export interface Faults {
  readonly hospitals: Hospitals;
  readonly federation: string;
  readonly wires: ReadonlyMap<string, Wire>;
  readonly rounds: number;
  readonly kills: number;
  /** Who is stopped until a round has closed without it. */
  readonly slow: string;
  readonly log: (line: string) => void;
}

export interface FaultCounts {
  coordinatorKills: number;
  siteKills: number;
  cuts: number;
  slowRounds: number;
}

/** Does everything to a running federation that the figure names; ends when all has been done. */
export async function disturb(faults: Faults): Promise<FaultCounts> {
  const { rounds, kills } = faults;
  const counts: FaultCounts = { coordinatorKills: 0, siteKills: 0, cuts: 0, slowRounds: 0 };
  const random = new Random('faults');
  const events: { readonly round: number; readonly run: () => Promise<void> }[] = [
    { round: Math.floor(rounds / 4), run: () => cut(faults, counts, 'silent') },
    { round: Math.floor(rounds / 2), run: () => cut(faults, counts, 'ended') },
    // Late: until then every round counts every site, and must come to the same model as undisturbed.
    { round: Math.floor((3 * rounds) / 4), run: () => stopSlow(faults, counts) },
  ];
  for (let n = 0; n < kills; n++)
    events.push({ round: Math.floor((n * (rounds - 2)) / kills), run: () => kill(faults, counts, random.fork(n)) });
  for (const { round, run } of events.sort((a, b) => a.round - b.round)) {
    await roundReached(faults, round);
    await run();
  }
  return counts;
}

const roundReached = ({ hospitals, federation }: Faults, round: number) =>
  reached(hospitals.coordinator, federation, (found) => found.round >= round, PATIENCE_SECONDS);

/** kill -9 of the coordinator or a site, at any moment of its work. */
async function kill({ hospitals, log }: Faults, counts: FaultCounts, random: Random): Promise<void> {
  const { coordinator, sites } = hospitals;
  const victims = [['coordinator', coordinator] as const, ...sites];
  // The coordinator one time in three.
  const at = random.uniform() < 1 / 3 ? 0 : 1 + Math.floor(random.uniform() * sites.size);
  const [name, house] = victims[at] ?? ['coordinator', coordinator];
  await sleep(random.uniform() * AWAY_MS);
  await house.server.kill();
  await sleep(random.uniform() * AWAY_MS);
  await house.start();
  counts[at === 0 ? 'coordinatorKills' : 'siteKills']++;
  log(`killed ${name}`);
}

async function cut({ wires, log }: Faults, counts: FaultCounts, how: 'silent' | 'ended'): Promise<void> {
  for (const wire of wires.values()) wire.cut(how);
  await sleep(CUT_MS);
  for (const wire of wires.values()) wire.mend();
  counts.cuts++;
  log(`the network was cut: ${how}`);
}

/** A site that stands still until a round has ended without it. */
async function stopSlow(faults: Faults, counts: FaultCounts): Promise<void> {
  const { hospitals, federation, slow, log } = faults;
  const { child } = hospitals.sites.get(slow)?.server ?? {};
  child?.kill('SIGSTOP');
  const without = ({ rounds }: Awaited<ReturnType<typeof reached>>) =>
    rounds.some(({ state, counted }) => state === 'closed' && !counted.includes(slow));
  await reached(hospitals.coordinator, federation, without, PATIENCE_SECONDS);
  child?.kill('SIGCONT');
  counts.slowRounds++;
  log(`${slow} was slow`);
}

export interface Echoes {
  duplicates: number;
  /** Duplicates that were answered otherwise than with the receipt of the first. */
  duplicatesCounted: number;
  replays: number;
  replaysTaken: number;
}

interface Sent {
  readonly round: number;
  readonly token: Uint8Array<ArrayBuffer>;
  readonly update: Uint8Array<ArrayBuffer>;
  readonly examples: number;
}

/** A site by hand: sends every update three times, and again in later rounds. Ends with the federation. */
export async function echo(site: HandSite, approvedPlan: string, isOver: () => boolean): Promise<Echoes> {
  const echoes: Echoes = { duplicates: 0, duplicatesCounted: 0, replays: 0, replaysTaken: 0 };
  const before: Sent[] = [];
  while (!isOver()) {
    const asked = { version: { major: 1, minor: 1 }, approvedPlan, waitMilliseconds: 2000 };
    const { task } = await site.client.nextTask(asked).catch(() => ({ task: undefined }));
    if (!task) await sleep(200);
    else if (task.kind === TaskKind.EVALUATE)
      await site.client.decline({ round: task.round, token: task.token, code: 'NO_DATA' }).catch(() => undefined);
    else await sendOften(site, task, { before, echoes }).catch(unlessLost);
  }
  return echoes;
}

async function sendOften(
  { client, update }: HandSite,
  { round, token }: Task,
  { before, echoes }: { readonly before: Sent[]; readonly echoes: Echoes },
): Promise<void> {
  for (const old of before.slice(-2)) {
    echoes.replays += 2;
    // As it was: its own receipt again. As if of this round: refused.
    if (!(await client.submitUpdate(old)).duplicate) echoes.replaysTaken++;
    if (await isTaken(client.submitUpdate({ ...old, round }))) echoes.replaysTaken++;
  }
  const sent = { round, token: Uint8Array.from(token), update: update(round, 1e-6 * round), examples: 1 };
  const first = await client.submitUpdate(sent);
  before.push(sent);
  for (const again of await Promise.all([sent, sent].map((each) => client.submitUpdate(each)))) {
    echoes.duplicates++;
    const isSame = Buffer.from(again.receipt?.hash ?? []).equals(Buffer.from(first.receipt?.hash ?? [1]));
    if (!again.duplicate || !isSame) echoes.duplicatesCounted++;
  }
}

const isTaken = (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => true,
    (error: unknown) => {
      if (error instanceof ConnectError && error.code === Code.PermissionDenied) return false;
      throw error;
    },
  );

/** A coordinator that was just killed answers nothing; the task is given again. */
function unlessLost(error: unknown): void {
  if (!(error instanceof ConnectError) || error.code === Code.InvalidArgument) throw error;
}
