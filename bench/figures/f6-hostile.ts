import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, ConnectError } from '@connectrpc/connect';
import type { FederationAnswer } from '@vesalius/api';
import { TaskKind } from '@vesalius/federated/protocol';
import {
  type KeyAndCertificate,
  openAuthority,
  requestCertificate,
} from '../../packages/server/src/federation/certificates/authority.ts';
import { readInvitation, writeInvitation } from '../../packages/server/src/federation/certificates/invitation.ts';
import { sealedFiles } from '../../packages/server/src/federation/certificates/sealed-file.ts';
import { dial } from '../../packages/server/src/federation/site/dial.ts';
import { flood } from '../../tests/federation/flood.ts';
import { type HandSite, joinByHand, openHandSite } from '../../tests/federation/hand-site.ts';
import { create, type House, letIn, reached } from '../../tests/federation/hospitals.ts';
import { writeImages } from '../../tests/federation/images.ts';
import { killServers } from '../../tests/server/started-server.ts';
import type { FigureOptions } from '../figure-result.ts';
import { allReady, federationPort, type Hospitals, openHospitals } from './hospitals.ts';

const HONEST = { north: {}, south: {} };
const ROUNDS = { quick: 12, full: 40 };
const VERSION = { major: 1, minor: 1 };
const GIGABYTE = 1 << 30;
/** For an entry of the audit log, a tenth of a second each. */
const LOOKS = 50;
/** Of an update, by the plan. */
const LARGEST_NORM = 1000;

/** What a hostile site sends as its update. */
const UPDATES: Readonly<Record<string, (site: HandSite, round: number) => Uint8Array<ArrayBuffer>>> = {
  nan: (site, round) => site.update(round, Number.NaN),
  huge: (site, round) => site.update(round, 1e6),
  short: (site, round) => site.update(round).subarray(0, 1000),
  malformed: () => new Uint8Array(2000).fill(255),
};

/** Attempts of strangers and of sites that turned, beside two hospitals at work in the same federation: how many were refused, logged, and what became of the hospitals' model. */
export async function measureHostile({ quick, log }: FigureOptions): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-f6-'));
  try {
    const hospitals = await openHospitals(folder, HONEST);
    const rounds = quick ? ROUNDS.quick : ROUNDS.full;
    const calm = await gather(hospitals, { folder, rounds });
    await allReady(hospitals.coordinator, calm.id);
    await hospitals.coordinator.client.call('startFederation', { params: { federation: calm.id } });
    const alone = await reached(hospitals.coordinator, calm.id, ({ state }) => state === 'finished', 300);
    const among = await gather(hospitals, { folder, rounds });
    const attacked = await attack(hospitals, { federation: among, folder, log });
    const ended = await reached(hospitals.coordinator, among.id, ({ state }) => state === 'finished', 300);
    const memory = readFileSync(`/proc/${hospitals.coordinator.server.child.pid}/status`, 'utf8');
    const harmed = ended.rounds.filter(({ modelHash }, n) => modelHash !== alone.rounds[n]?.modelHash).length;
    return {
      ...attacked,
      rounds: ended.round,
      // Rounds whose model is not, bit by bit, the one without hostile company.
      othersHarmed: harmed + Math.abs(alone.round - ended.round),
      coordinatorMebibytes: Number(/VmHWM:\s+(\d+)/.exec(memory)?.[1]) / 1024,
    };
  } finally {
    killServers();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function gather(
  { coordinator, sites }: Hospitals,
  { folder, rounds }: { readonly folder: string; readonly rounds: number },
): Promise<FederationAnswer> {
  const federation = await create(coordinator, { rounds, largestNorm: LARGEST_NORM, evaluateEvery: rounds });
  for (const [n, [name, house]] of [...sites].entries())
    await letIn(coordinator, house, {
      federation: federation.id,
      name,
      data: writeImages(join(folder, `${name}.safetensors`), n),
    });
  return federation;
}

interface Attacked {
  readonly federation: FederationAnswer;
  readonly folder: string;
  readonly log: (line: string) => void;
}

/** @returns attempts, and the shares of them that were refused and that stand in the coordinator's audit log */
async function attack({ coordinator }: Hospitals, { federation, folder, log }: Attacked) {
  const sites = new Map<string, HandSite>();
  for (const name of [...Object.keys(UPDATES), 'revoked'])
    sites.set(name, await openHandSite(coordinator, federation, { name }));
  const audited = (part: Part) => refusals(coordinator, part);
  const before = await audited('update');
  await allReady(coordinator, federation.id);
  await coordinator.client.call('startFederation', { params: { federation: federation.id } });
  const tries = new Tries(audited, log);
  let isOver = false;
  const updating = [...sites]
    .filter(([name]) => name in UPDATES)
    .map(([name, site]) => sendAll(site, { name, federation, tries, isOver: () => isOver }));
  const { revoked, nan } = Object.fromEntries(sites);
  if (revoked && nan) await enter(coordinator, { federation, folder, tries, revoked, turned: nan });
  await reached(coordinator, federation.id, ({ state }) => state === 'finished', 300);
  isOver = true;
  await Promise.all(updating);
  for (const site of sites.values()) site.close();
  await tries.countUpdates(before);
  const { made, refused, logged } = tries;
  log(`${made} attempts, ${refused} refused, ${logged} logged`);
  return { attempts: made, refused: refused / made, logged: logged / made };
}

/** Updates are refused while strangers are at the door. */
type Part = 'update' | 'door';

/** Counts attempts by what they were answered with, and those that stand in the audit log afterwards. */
class Tries {
  made = 0;
  refused = 0;
  logged = 0;
  readonly #audited: (part: Part) => Promise<number>;
  readonly #log: (line: string) => void;

  constructor(audited: (part: Part) => Promise<number>, log: (line: string) => void) {
    this.#audited = audited;
    this.#log = log;
  }

  /** One after the other: each must add to the log. */
  async atTheDoor(what: string, call: () => Promise<unknown>): Promise<void> {
    const before = await this.#audited('door');
    await this.#make(what, call());
    for (let tries = 0; tries < LOOKS && (await this.#audited('door')) === before; tries++) await sleep(100);
    if ((await this.#audited('door')) > before) this.logged++;
    else this.#log(`${what}: not logged`);
  }

  /** Beside others: what was logged of them is counted when all have ended. */
  async update(what: string, call: Promise<unknown>): Promise<void> {
    await this.#make(what, call);
    this.#updates++;
  }

  async countUpdates(before: number): Promise<void> {
    this.logged += Math.min(this.#updates, (await this.#audited('update')) - before);
  }

  #updates = 0;

  async #make(what: string, call: Promise<unknown>): Promise<void> {
    const answer = await call.then(
      () => 'taken',
      (error: unknown) => (error instanceof ConnectError ? (Code[error.code] ?? '') : String(error)),
    );
    this.made++;
    if (answer !== 'taken') this.refused++;
    this.#log(`${what}: ${answer}`);
  }
}

interface Sending {
  readonly name: string;
  readonly federation: FederationAnswer;
  readonly tries: Tries;
  readonly isOver: () => boolean;
}

/** Every round's task is answered with what it should not be. */
async function sendAll(site: HandSite, { name, federation, tries, isOver }: Sending): Promise<void> {
  while (!isOver()) {
    const asked = { version: VERSION, approvedPlan: federation.planHash, waitMilliseconds: 2000 };
    const { task } = await site.client.nextTask(asked);
    const update = task && UPDATES[name]?.(site, task.round);
    if (!task || !update) {
      await sleep(100);
      continue;
    }
    const sent = { round: task.round, token: task.token, update: Uint8Array.from(update), examples: 100 };
    await tries.update(`update: ${name}`, site.client.submitUpdate(sent));
    // Refused as of no training; the federation need not wait for it.
    if (task.kind === TaskKind.EVALUATE)
      await site.client.decline({ round: task.round, token: task.token, code: 'NO_DATA' });
  }
}

interface Entering {
  readonly federation: FederationAnswer;
  readonly folder: string;
  readonly tries: Tries;
  readonly revoked: HandSite;
  /** A site with a certificate that sends a message of 1 GB. */
  readonly turned: HandSite;
}

async function enter(coordinator: House, { federation, folder, tries, revoked, turned }: Entering): Promise<void> {
  const { url, authority } = revoked;
  const hello = (own?: KeyAndCertificate) => {
    const dialled = dial({ url, authority, ...(own && { own }), messageBytes: 1 << 20 });
    return dialled.client.announce({ version: VERSION }).finally(() => dialled.close());
  };
  for (const own of [turned.own, undefined])
    await tries.atTheDoor('1 GB', async () => {
      const taken = await flood(turned, own, GIGABYTE);
      if (taken < GIGABYTE) throw new ConnectError(`after ${taken >> 20} MiB`, Code.ResourceExhausted);
    });
  await tries.atTheDoor('stranger', () => hello());
  const foreign = await openAuthority(join(folder, 'foreign'), sealedFiles(undefined));
  const { key, request } = await requestCertificate('north');
  const forged = await foreign.signSite(request, { site: 'north', federation: federation.id });
  await tries.atTheDoor('impostor', () => hello({ key, certificate: forged?.certificate ?? '' }));
  await tries.atTheDoor('used invitation', () => joinByHand(revoked.invitation));
  const guessed = { ...readInvitation(revoked.invitation), site: 'north', secret: Buffer.alloc(32).toString('base64') };
  await tries.atTheDoor('guessed invitation', () => joinByHand(writeInvitation(guessed)));
  const params = { federation: federation.id, site: 'revoked' };
  await coordinator.client.call('changeSite', { params, body: { action: 'remove' } });
  await tries.atTheDoor('revoked site', () => hello(revoked.own));
  await tries.atTheDoor('revoked site renews', () => renewed(revoked));
  await tries.atTheDoor('no TLS', () => noise(federationPort(coordinator)));
}

async function renewed({ client }: HandSite): Promise<unknown> {
  const { request } = await requestCertificate('revoked');
  return client.renew({ certificateRequest: request });
}

/** Bytes that are no protocol at all. */
function noise(port: number): Promise<never> {
  return new Promise((_, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.alloc(1 << 16, 7)));
    socket.on('error', () => undefined).on('close', () => reject(new Error('ended')));
  });
}

/** How much of what the coordinator refused stands in its audit log. */
async function refusals({ client }: House, part: Part): Promise<number> {
  const found = await client.call('findAudit', { query: { action: 'federation refused', limit: 1000 } });
  return found.filter(({ detail = '' }) => detail.startsWith('SubmitUpdate') === (part === 'update')).length;
}
