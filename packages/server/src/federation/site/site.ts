import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, ConnectError } from '@connectrpc/connect';
import { VesaliusError } from '@vesalius/errors';
import {
  applyChange,
  changeOf,
  compressionNamed,
  decompressUpdate,
  downSeed,
  joinLayers,
  type LayerValues,
  type Layout,
  type LedgerState,
  splitLayers,
  strategyNamed,
  UpdateCompressor,
  upSeed,
} from '@vesalius/federated';
import { State, type Task, TaskKind } from '@vesalius/federated/protocol';
import { requestCertificate } from '../certificates/authority.ts';
import { addWireBytes } from '../coordinator/wire-bytes.ts';
import { CHAIN_BEGIN, exchangeHash } from '../exchange-hash.ts';
import { weightsOfBytes, weightsToBytes } from '../keep-weights.ts';
import { type FederationPlan, parsePlan, sha256 } from '../plan.ts';
import { PROTOCOL } from '../protocol-version.ts';
import type { FederationRow } from '../tables.ts';
import type { SheetAnswer } from '../worker.ts';
import { type Dialled, dial } from './dial.ts';
import type { SiteParts, SiteSettings } from './site-parts.ts';

const WAIT_MS = 15_000;
const AGAIN_MS = { least: 250, most: 10_000 };
/** A certificate is renewed when less than this is left of it. */
const RENEW_MS = 30 * 86_400_000;
const RENEW_CHECK_MS = 3_600_000;

interface Model {
  readonly version: number;
  /** All layers: the common ones as they came, its own as it left them. */
  readonly weights: Map<string, Float32Array>;
}

/**
 * A site at work: asks its coordinator for tasks, does them on its own data, sends what its owner has approved. All of it can be killed at any time: an
 * update is kept before it is sent, and sent again until it has its receipt.
 */
export class Site {
  readonly #parts: SiteParts;
  readonly #id: string;
  readonly #stop = new AbortController();
  readonly #folder: string;
  #dialled: Dialled | undefined;
  #model: Model | undefined;
  #sheet: SheetAnswer | undefined;
  #renewCheckedAt = 0;
  #work: Promise<void> | undefined;

  constructor(parts: SiteParts, id: string) {
    this.#parts = parts;
    this.#id = id;
    this.#folder = join(parts.folder, id);
  }

  begin(): void {
    this.#work = this.#loop();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#dialled?.close();
    await this.#work;
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stop;
    let pause = AGAIN_MS.least;
    while (!signal.aborted) {
      try {
        const hasWorked = await this.#turn();
        pause = AGAIN_MS.least;
        if (!hasWorked) await sleep(pause, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        await this.#failed(error);
        await sleep(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
        pause = Math.min(AGAIN_MS.most, 2 * pause);
      }
    }
  }

  /** @returns whether it should go on at once */
  async #turn(): Promise<boolean> {
    const row = await this.#row();
    const settings = JSON.parse(row.settings) as SiteSettings;
    const { client } = (this.#dialled ??= await this.#dial(settings));
    await this.#renewIfDue(settings);
    const plan = await this.#announce(row, settings);
    if (row.state === 'paused' || row.approved_plan !== row.plan_hash || !plan) return this.#idle(row);
    await this.#sendPending(row, plan);
    const { state, task } = await client.nextTask({
      version: PROTOCOL,
      ...((await this.#held()) && { modelVersion: this.#model?.version ?? 0 }),
      acceptsChanges: true,
      waitMilliseconds: WAIT_MS,
      approvedPlan: row.plan_hash,
    });
    await this.#set({ state: STATES[state] ?? 'waiting' });
    if (!task) return state === State.RUNNING ? true : this.#idle(row);
    await this.#do(row, plan, task);
    await this.#countBytes(task.round);
    return true;
  }

  async #idle(row: FederationRow): Promise<boolean> {
    await this.#countBytes(row.round + 1);
    return false;
  }

  /** Tells of itself what its owner lets it, and takes the plan. */
  async #announce(row: FederationRow, settings: SiteSettings): Promise<FederationPlan | undefined> {
    const isApproved = row.approved_plan === row.plan_hash && row.plan !== '';
    if (isApproved) this.#sheet ??= await this.#parts.worker.call('sheet', dataOf(settings));
    const sheet = isApproved ? this.#sheet : undefined;
    if (sheet && Math.min(...sheet.examplesOfClass) < settings.minimumCohort)
      throw new VesaliusError('PEER_REFUSED', {
        what: 'cohort',
        expected: `${settings.minimumCohort} of each class or more`,
      });
    const { client } = this.#dialled as Dialled;
    const { plan } = await client.announce({
      version: PROTOCOL,
      ...(sheet && {
        dataSheet: {
          ...sheet,
          examplesOfClass: [...sheet.examplesOfClass],
          imageShape: [...sheet.imageShape],
          privacyUnit: 'image',
        },
      }),
      approvedPlan: row.approved_plan ?? '',
    });
    const parsed = parsePlan(plan);
    const hash = sha256(plan);
    // Another plan than the approved one: nothing is done until its owner has read it.
    if (hash !== row.plan_hash) await this.#set({ plan, plan_hash: hash, name: parsed.name });
    if (hash !== row.plan_hash) return undefined;
    return sheet ? parsed : undefined;
  }

  async #do(row: FederationRow, plan: FederationPlan, task: Task): Promise<void> {
    const model = await this.#bringUpToDate(plan, task);
    if (!model) return;
    try {
      if (task.kind === TaskKind.EVALUATE) await this.#evaluate(row, { plan, task, model });
      else await this.#train(row, { plan, task, model });
    } catch (error) {
      if (!(error instanceof VesaliusError)) throw error;
      // The round need not wait for a site that will not or cannot.
      await this.#dialled?.client.decline({ round: task.round, token: task.token, code: error.code });
      throw error;
    }
  }

  async #evaluate(row: FederationRow, { plan, task, model }: Work): Promise<void> {
    const settings = JSON.parse(row.settings) as SiteSettings;
    const weights = await this.#scratch('evaluated', model.weights);
    const measured = await this.#parts.worker.call('evaluate', { ...dataOf(settings), plan, weights });
    const { round, token } = task;
    const { auc, averagePrecision, negatives, positives } = measured;
    const counts = { negatives: [...negatives], positives: [...positives] };
    await this.#dialled?.client.submitEvaluation({ round, token, auc, averagePrecision, ...counts });
  }

  async #train(row: FederationRow, { plan, task, model }: Work): Promise<void> {
    const settings = JSON.parse(row.settings) as SiteSettings;
    const examples = this.#sheet?.examples ?? 0;
    const spent = await this.#spend(row, { plan, settings, round: task.round, examples });
    const weights = await this.#scratch('from', model.weights);
    const out = join(this.#folder, 'trained.safetensors');
    await this.#parts.worker.call('train', {
      ...{ ...dataOf(settings), plan, weights, out, seed: `${plan.seed} ${row.site} ${task.round}` },
      ...(spent && { noiseMultiplier: spent.noiseMultiplier }),
    });
    const after = weightsOfBytes(new Uint8Array(await readFile(out)), out);
    await rm(out, { force: true });
    const strategy = strategyNamed(plan.strategy, 1);
    const compressor = this.#compressor(plan);
    compressor.restore(await this.#read('memory'));
    const change = changeOf(after, model.weights, (layer) => strategy.isShared(layer));
    const update = compressor.compress(change, upSeed(plan.seed, row.site ?? '', task.round));
    const own = [...after].filter(([layer]) => !strategy.isShared(layer));
    const memory = [...compressor.memory(), ...own.map(([layer, values]) => [`own ${layer}`, values] as const)];
    await this.#write('pending-memory', new Map(memory));
    const more = {
      round: task.round,
      token: Buffer.from(task.token).toString('hex'),
      examples,
      epsilon: spent?.epsilon ?? 0,
    };
    await this.#parts.files.write(join(this.#folder, 'pending-update'), update);
    // Last: a pending update is there when this is.
    await this.#parts.files.write(
      join(this.#folder, 'pending.json'),
      Buffer.from(JSON.stringify({ ...more, steps: plan.localSteps, hash: sha256(update) })),
    );
    await this.#sendPending(row, plan);
  }

  /** Before the steps are done, and once for a round however often it is begun. */
  async #spend(
    row: FederationRow,
    {
      plan,
      settings,
      round,
      examples,
    }: { plan: FederationPlan; settings: SiteSettings; round: number; examples: number },
  ): Promise<{ noiseMultiplier: number; epsilon: number } | undefined> {
    const { tables, worker } = this.#parts;
    if (!plan.privacy && !settings.budget) return undefined;
    const budget = settings.budget;
    if (!plan.privacy || !budget)
      throw new VesaliusError('PEER_REFUSED', {
        what: 'privacy of the plan',
        expected: 'private training, as the project has a budget; and a budget for it',
      });
    const ledger = await tables
      .selectFrom('federation_ledger')
      .selectAll()
      .where('project', '=', settings.project)
      .executeTakeFirst();
    const spent = ledger ? (JSON.parse(ledger.state) as LedgerState).spent : [];
    const done = await tables
      .selectFrom('federation_spent')
      .selectAll()
      .where('federation', '=', row.id)
      .where('round', '=', round)
      .executeTakeFirst();
    const asked = { plan, examples, budget, spent, steps: done ? 0 : plan.localSteps };
    const { state, epsilon, noiseMultiplier } = await worker.call('spend', asked);
    if (done) return { noiseMultiplier, epsilon: done.epsilon };
    await tables.transaction().execute(async (transaction) => {
      const kept = JSON.stringify(state);
      if (ledger)
        await transaction
          .updateTable('federation_ledger')
          .set({ state: kept })
          .where('project', '=', settings.project)
          .execute();
      else
        await transaction.insertInto('federation_ledger').values({ project: settings.project, state: kept }).execute();
      await transaction.insertInto('federation_spent').values({ federation: row.id, round, epsilon }).execute();
    });
    return { noiseMultiplier, epsilon };
  }

  /** Sends what is kept, until it has its receipt or the round has gone on. */
  async #sendPending(row: FederationRow, plan: FederationPlan): Promise<void> {
    const { files } = this.#parts;
    const text = await files.read(join(this.#folder, 'pending.json'));
    const update = text && (await files.read(join(this.#folder, 'pending-update')));
    if (!text || !update) return;
    const pending = JSON.parse(Buffer.from(text).toString()) as Pending;
    const { round, examples, steps, epsilon } = pending;
    try {
      const sent = { round, token: Buffer.from(pending.token, 'hex'), update, examples, steps, epsilon };
      const { receipt } = await (this.#dialled as Dialled).client.submitUpdate(sent);
      await this.#keepReceipt(row, { round, update }, receipt);
      const memory = await this.#read('pending-memory');
      await this.#write('memory', memory);
      if (this.#model)
        for (const [key, values] of memory) if (key.startsWith('own ')) this.#model.weights.set(key.slice(4), values);
    } catch (error) {
      const isOver = error instanceof ConnectError && OVER.has(error.code);
      if (!isOver) throw error;
      // Not counted: what it would have left out stays as it was.
      this.#parts.log.warn({ federation: row.id, round, plan: plan.name }, 'an update came too late or was refused');
    }
    for (const name of ['pending.json', 'pending-update', 'pending-memory'])
      await rm(join(this.#folder, name), { force: true });
  }

  /** @throws HASH_MISMATCH when the coordinator's chain is another than ours */
  async #keepReceipt(
    { id, site }: FederationRow,
    { round, update }: { round: number; update: Uint8Array },
    receipt: { sequence: number; hash: Uint8Array } | undefined,
  ): Promise<void> {
    const { tables, audit } = this.#parts;
    const rows = await tables
      .selectFrom('federation_exchange')
      .selectAll()
      .where('federation', '=', id)
      .orderBy('sequence', 'desc')
      .limit(1)
      .execute();
    const [last] = rows;
    if (last?.round === round) return;
    const exchange = {
      federation: id,
      site: site ?? '',
      sequence: (last?.sequence ?? 0) + 1,
      round,
      updateHash: sha256(update),
      bytes: update.length,
    };
    const hash = exchangeHash(exchange, last?.hash ?? CHAIN_BEGIN);
    if (Buffer.from(receipt?.hash ?? []).toString('hex') !== hash)
      throw new VesaliusError('HASH_MISMATCH', {
        what: 'receipt of the coordinator',
        expected: 'the chain that this site keeps',
      });
    const { updateHash: update_hash, ...columns } = exchange;
    await tables
      .insertInto('federation_exchange')
      .values({ ...columns, update_hash, hash, at: new Date().toISOString() })
      .execute();
    const entities = [
      { kind: 'federation', id },
      { kind: 'federation exchange', id: hash },
    ];
    const event = {
      action: 'federation update sent',
      outcome: 'success',
      principal: 'vesalius',
      from: site ?? '',
    } as const;
    await audit.record({ ...event, entities, detail: `round ${round}` });
  }

  async #bringUpToDate(plan: FederationPlan, task: Task): Promise<Model | undefined> {
    const shared = sharedOf(plan);
    const held = await this.#held();
    const weights = held?.weights ?? (await this.#first(plan));
    if (task.model.length > 0) {
      for (const [layer, values] of splitLayers(shared, task.model) ?? []) weights.set(layer, values);
    } else if (held) {
      for (const [i, change] of task.changes.entries()) {
        const at = { layout: shared, plan: compressionNamed(plan.down) };
        applyChange(weights, decompressUpdate(change, at, downSeed(plan.seed, held.version + 1 + i)));
      }
    }
    const isRight = sha256(joinLayers(shared, weights)) === Buffer.from(task.modelHash).toString('hex');
    this.#model = isRight ? { version: task.modelVersion, weights } : undefined;
    await rm(join(this.#folder, 'model'), { force: true });
    if (!isRight) {
      if (task.model.length > 0) throw new VesaliusError('HASH_MISMATCH', { what: 'model of the coordinator' });
      // The whole model is asked for.
      return undefined;
    }
    await this.#write('model', new Map([...weights, ['version', Float32Array.of(task.modelVersion)]]));
    await this.#set({ round: task.modelVersion });
    return this.#model;
  }

  async #held(): Promise<Model | undefined> {
    if (this.#model) return this.#model;
    const weights = await this.#read('model');
    const version = weights.get('version')?.[0];
    if (version === undefined) return undefined;
    weights.delete('version');
    for (const [key, values] of await this.#read('memory'))
      if (key.startsWith('own ')) weights.set(key.slice(4), values);
    this.#model = { version, weights };
    return this.#model;
  }

  async #first({ imageShape, seed }: FederationPlan): Promise<Map<string, Float32Array>> {
    const out = join(this.#folder, 'first.safetensors');
    await this.#parts.worker.call('first', { plan: { imageShape, seed }, out });
    return weightsOfBytes(new Uint8Array(await readFile(out)), out);
  }

  async #renewIfDue(settings: SiteSettings): Promise<void> {
    if (Date.now() - this.#renewCheckedAt < RENEW_CHECK_MS) return;
    this.#renewCheckedAt = Date.now();
    if (Date.parse(settings.certificateEnds) - Date.now() > RENEW_MS) return;
    await this.renew();
  }

  /** A new key and a certificate for it. */
  async renew(): Promise<void> {
    const row = await this.#row();
    const settings = JSON.parse(row.settings) as SiteSettings;
    const { key, request } = await requestCertificate(row.site ?? '');
    const { client } = (this.#dialled ??= await this.#dial(settings));
    const { certificate } = await client.renew({ certificateRequest: request });
    await this.#parts.keepCertificate(this.#id, { key, certificate });
    this.#dialled.close();
    this.#dialled = undefined;
  }

  async #dial({ url, authority }: SiteSettings): Promise<Dialled> {
    const own = await this.#parts.readCertificate(this.#id);
    return dial({ url, authority, own, messageBytes: this.#parts.messageBytes });
  }

  async #countBytes(round: number): Promise<void> {
    const bytes = this.#dialled?.taken();
    const { site } = await this.#row();
    if (bytes) await addWireBytes(this.#parts.tables, { federation: this.#id, site: site ?? '', round, ...bytes });
  }

  async #failed(error: unknown): Promise<void> {
    const code =
      error instanceof ConnectError ? Code[error.code] : error instanceof VesaliusError ? error.code : 'FAILED';
    this.#parts.log.warn(
      { federation: this.#id, code },
      String(error),
    );
    await this.#set({ problem: JSON.stringify({ code, at: new Date().toISOString() }) }).catch(() => undefined);
  }

  #compressor(plan: FederationPlan): UpdateCompressor {
    return new UpdateCompressor({ layout: sharedOf(plan), plan: compressionNamed(plan.up), momentum: plan.momentum });
  }

  async #scratch(name: string, weights: LayerValues): Promise<string> {
    const file = join(this.#folder, `${name}.safetensors`);
    await writeFile(file, weightsToBytes(weights), { mode: 0o600 });
    return file;
  }

  async #read(name: string): Promise<Map<string, Float32Array>> {
    const bytes = await this.#parts.files.read(join(this.#folder, name));
    return bytes ? weightsOfBytes(bytes, name) : new Map();
  }

  #write(name: string, weights: LayerValues): Promise<void> {
    return this.#parts.files.write(join(this.#folder, name), weightsToBytes(weights));
  }

  #row(): Promise<FederationRow> {
    return this.#parts.tables.selectFrom('federation').selectAll().where('id', '=', this.#id).executeTakeFirstOrThrow();
  }

  /** A pause of its own is not ended by what the coordinator says. */
  async #set({ state, ...values }: Partial<FederationRow>): Promise<void> {
    const { tables } = this.#parts;
    if (Object.keys(values).length > 0)
      await tables.updateTable('federation').set(values).where('id', '=', this.#id).execute();
    if (state)
      await tables
        .updateTable('federation')
        .set({ state })
        .where('id', '=', this.#id)
        .where('state', '!=', 'paused')
        .execute();
  }
}

interface Work {
  readonly plan: FederationPlan;
  readonly task: Task;
  readonly model: Model;
}

interface Pending {
  readonly round: number;
  readonly token: string;
  readonly examples: number;
  readonly steps: number;
  readonly epsilon: number;
  readonly hash: string;
}

/** Answers after which sending again is of no use. */
const OVER = new Set([Code.FailedPrecondition, Code.PermissionDenied, Code.AlreadyExists, Code.InvalidArgument]);
const STATES: Partial<Record<State, FederationRow['state']>> = {
  [State.WAITING]: 'waiting',
  [State.RUNNING]: 'running',
  // The coordinator's pause is no pause of the site.
  [State.PAUSED]: 'waiting',
  [State.FINISHED]: 'finished',
};

function sharedOf(plan: FederationPlan): Layout {
  const strategy = strategyNamed(plan.strategy, 1);
  return plan.layers.filter(({ name }) => strategy.isShared(name));
}

const dataOf = ({ data, validation }: SiteSettings) => ({ data, ...(validation !== undefined && { validation }) });
