import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  CommonModel,
  compressionNamed,
  decompressUpdate,
  joinLayers,
  type LayerValues,
  type SiteUpdate,
  upSeed,
} from '@vesalius/federated';
import type { Kysely, Transaction } from 'kysely';
import { Turns } from '../../store/turns.ts';
import type { SealedFiles } from '../certificates/sealed-file.ts';
import { CHAIN_BEGIN, exchangeHash } from '../exchange-hash.ts';
import { weightsOfBytes, weightsToBytes } from '../keep-weights.ts';
import { type FederationPlan, modelOptions, parsePlan, sha256 } from '../plan.ts';
import type { FederationRow, FederationTables, RoundRow, SiteRow, TaskRow } from '../tables.ts';

interface RoundsOptions {
  readonly tables: Kysely<FederationTables>;
  readonly files: SealedFiles;
  readonly folder: string;
  /** What went wrong with a federation, which is paused then. */
  readonly failed: (federation: string, error: unknown) => void;
}

export interface GivenTask {
  readonly task: TaskRow;
  readonly version: number;
  readonly hash: string;
  readonly model?: Uint8Array;
  readonly changes?: readonly Uint8Array[];
  readonly millisecondsLeft: number;
}

export interface Receipt {
  readonly duplicate: boolean;
  readonly sequence: number;
  readonly hash: string;
}

interface Loaded {
  readonly plan: FederationPlan;
  readonly model: CommonModel;
  readonly version: number;
}

/** So many of the last rounds' changes are kept; who was away longer is given the whole model. */
const CHANGES_KEPT = 20;
const TOKEN_BYTES = 16;

/**
 * The rounds of all federations of a coordinator. Everything that counts is in the database and in flushed files before it is answered; from there a
 * round comes to the same model however often it is begun again.
 */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #turns = new Turns();
  readonly #loaded = new Map<string, Loaded>();
  readonly #changed = new EventEmitter().setMaxListeners(0);

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Writes the model that a federation begins with. */
  async begin(federation: string, weights: LayerValues): Promise<void> {
    await this.#options.files.write(this.#file(federation, 'model-0'), weightsToBytes(weights));
  }

  /** Closes and opens what is due. */
  advance(federation: string): Promise<void> {
    return this.#turns.take(federation, () => this.#advance(federation));
  }

  /** Waits for work of a site; nothing after so long. */
  async next(
    site: SiteRow,
    asked: { version: number | undefined; changes: boolean; waitMs: number; signal: AbortSignal },
  ): Promise<GivenTask | undefined> {
    const until = performance.now() + asked.waitMs;
    for (;;) {
      const given = await this.#turns.take(site.federation, async () => {
        await this.#advance(site.federation);
        return this.#give(site, asked);
      });
      const left = until - performance.now();
      if (given || left <= 0 || asked.signal.aborted) return given;
      const timer = AbortSignal.any([asked.signal, AbortSignal.timeout(Math.min(left, 1000))]);
      await once(this.#changed, site.federation, { signal: timer }).catch(() => undefined);
    }
  }

  /** Counts an update, once. @throws ConnectError */
  async submit(
    site: SiteRow,
    sent: { round: number; token: Uint8Array; update: Uint8Array; examples: number; epsilon: number },
  ): Promise<Receipt> {
    const receipt = await this.#turns.take(site.federation, () => this.#submit(site, sent));
    void this.advance(site.federation).catch(() => undefined);
    return receipt;
  }

  /** @returns whether it had come before. @throws ConnectError */
  async evaluated(site: SiteRow, sent: { round: number; token: Uint8Array; metrics: object }): Promise<boolean> {
    const task = await this.#task(site, { ...sent, kind: 'evaluate' });
    if (task.state === 'done') return true;
    if (task.state !== 'open') throw late();
    await this.#settle(task, { state: 'done', metrics: JSON.stringify(sent.metrics) });
    this.#changed.emit(site.federation);
    return false;
  }

  async decline(site: SiteRow, sent: { round: number; token: Uint8Array; code: string }): Promise<void> {
    for (const kind of ['train', 'evaluate'] as const) {
      const task = await this.#task(site, { ...sent, kind }).catch(() => undefined);
      if (task?.state === 'open')
        await this.#settle(task, { state: 'declined', metrics: JSON.stringify({ code: sent.code }) });
    }
    this.#changed.emit(site.federation);
  }

  /** Of a site that is paused or removed: nobody waits for it. */
  async release(federation: string, site: string): Promise<void> {
    await this.#options.tables
      .updateTable('federation_task')
      .set({ state: 'declined' })
      .where('federation', '=', federation)
      .where('site', '=', site)
      .where('state', '=', 'open')
      .execute();
    this.#changed.emit(federation);
  }

  async #advance(id: string): Promise<void> {
    const row = await this.#row(id);
    if (row?.state !== 'running') return;
    try {
      const loaded = await this.#load(row);
      const open = await this.#openRound(row);
      if (open) await this.#closeIfDue(loaded, open);
      else if (row.round >= loaded.plan.rounds) await this.#finishIfDone(row, loaded.plan);
      else await this.#open(row, loaded.plan);
    } catch (error) {
      this.#loaded.delete(id);
      await this.#options.tables.updateTable('federation').set({ state: 'paused' }).where('id', '=', id).execute();
      this.#options.failed(id, error);
    }
  }

  async #open(row: FederationRow, plan: FederationPlan): Promise<void> {
    const { tables } = this.#options;
    const sites = await this.#eligible(row);
    if (sites.length < plan.minimumSites) return;
    const round = row.round + 1;
    const chosen = new Random(plan.seed).fork('sites').fork(round).shuffle(sites).slice(0, plan.sitesPerRound).sort();
    await tables.transaction().execute(async (transaction) => {
      const opened_at = new Date().toISOString();
      const values = {
        federation: row.id,
        round,
        state: 'open' as const,
        opened_at,
        closed_at: null,
        model_hash: null,
      };
      await transaction
        .insertInto('federation_round')
        .values({ ...values, deadline_at: deadlineOf(plan), chosen: JSON.stringify(chosen), counted: '[]' })
        .execute();
      await giveTasks(transaction, { federation: row.id, round, kind: 'train' }, chosen);
    });
    this.#changed.emit(row.id);
  }

  async #closeIfDue(loaded: Loaded, open: RoundRow): Promise<void> {
    const tasks = await this.#tasks(open, 'train');
    const done = tasks.filter(({ state }) => state === 'done');
    const isOver = open.deadline_at <= new Date().toISOString();
    if (!isOver && tasks.some(({ state }) => state === 'open')) return;
    if (done.length >= Math.max(1, loaded.plan.minimumSites)) return this.#close(loaded, open, done);
    if (isOver || done.length < tasks.length) await this.#extend(loaded.plan, open, tasks);
  }

  /** Too few came: who was not chosen is asked too, and the round has its time again. */
  async #extend(plan: FederationPlan, open: RoundRow, tasks: readonly TaskRow[]): Promise<void> {
    const { tables } = this.#options;
    const row = await this.#row(open.federation);
    const held = new Set(tasks.map(({ site }) => site));
    const more = row ? (await this.#eligible(row)).filter((site) => !held.has(site)) : [];
    if (more.length === 0 && open.deadline_at > new Date().toISOString()) return;
    const chosen = JSON.stringify([...held, ...more].sort());
    await tables.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('federation_round')
        .set({ deadline_at: deadlineOf(plan), chosen })
        .where('federation', '=', open.federation)
        .where('round', '=', open.round)
        .execute();
      await giveTasks(transaction, { federation: open.federation, round: open.round, kind: 'train' }, more);
    });
    this.#changed.emit(open.federation);
  }

  async #close({ plan, model }: Loaded, open: RoundRow, done: readonly TaskRow[]): Promise<void> {
    const { tables, files } = this.#options;
    const { federation, round } = open;
    const updates = await Promise.all(done.map((task) => this.#readUpdate(plan, model, task)));
    this.#loaded.delete(federation);
    const { published, shares } = model.close(round, updates);
    await files.write(this.#file(federation, `change-${round}`), published);
    await files.write(this.#file(federation, `model-${round}`), weightsToBytes(model.kept()));
    const model_hash = sha256(joinLayers(model.shared, model.model));
    const isEvaluated = plan.evaluateEvery > 0 && round % plan.evaluateEvery === 0;
    const row = await this.#row(federation);
    const asked = isEvaluated && row ? await this.#eligible(row) : [];
    await tables.transaction().execute(async (transaction) => {
      const closed = { state: 'closed' as const, closed_at: new Date().toISOString(), model_hash };
      await transaction
        .updateTable('federation_round')
        .set({ ...closed, counted: JSON.stringify(done.map(({ site }) => site)) })
        .where('federation', '=', federation)
        .where('round', '=', round)
        .execute();
      await transaction
        .updateTable('federation_task')
        .set({ state: 'late' })
        .where('federation', '=', federation)
        .where('state', '=', 'open')
        .execute();
      for (const { site, ...share } of shares)
        await transaction
          .updateTable('federation_task')
          .set({ metrics: JSON.stringify(share) })
          .where('federation', '=', federation)
          .where('round', '=', round)
          .where('kind', '=', 'train')
          .where('site', '=', site)
          .execute();
      await giveTasks(transaction, { federation, round, kind: 'evaluate' }, asked);
      await transaction.updateTable('federation').set({ round }).where('id', '=', federation).execute();
    });
    this.#loaded.set(federation, { plan, model, version: round });
    await this.#forget(open, done);
    this.#changed.emit(federation);
  }

  /** The next round at once, where enough sites are there. */
  async #finishIfDone(row: FederationRow, plan: FederationPlan): Promise<void> {
    const { tables } = this.#options;
    const last = await this.#roundRow(row.id, row.round);
    const waiting = (await this.#tasks({ federation: row.id, round: row.round }, 'evaluate')).some(
      ({ state }) => state === 'open',
    );
    const patience = Date.parse(last?.closed_at ?? '') + plan.deadlineSeconds * 1000;
    if (waiting && Date.now() < patience) return;
    await tables.updateTable('federation').set({ state: 'finished' }).where('id', '=', row.id).execute();
    this.#changed.emit(row.id);
  }

  async #give(site: SiteRow, asked: { version: number | undefined; changes: boolean }): Promise<GivenTask | undefined> {
    const row = await this.#row(site.federation);
    if (row?.state !== 'running') return undefined;
    const tasks = await this.#options.tables
      .selectFrom('federation_task')
      .selectAll()
      .where('federation', '=', site.federation)
      .where('site', '=', site.site)
      .where('state', '=', 'open')
      .execute();
    const task = tasks.find(({ kind }) => kind === 'evaluate') ?? tasks[0];
    if (!task) return undefined;
    const { model, version } = await this.#load(row);
    const open = await this.#openRound(row);
    const whole = joinLayers(model.shared, model.model);
    const changes = asked.changes ? await this.#changesSince(row, asked.version, whole.length) : undefined;
    const left = Math.max(0, Date.parse(open?.deadline_at ?? '') - Date.now());
    const given = { task, version, hash: sha256(whole), millisecondsLeft: Number.isFinite(left) ? left : 0 };
    return changes ? { ...given, changes } : { ...given, model: whole };
  }

  /** @returns nothing where the whole model is less, or the changes are kept no more */
  async #changesSince(row: FederationRow, from: number | undefined, most: number): Promise<Uint8Array[] | undefined> {
    if (from === undefined || from > row.round || row.round - from > CHANGES_KEPT) return undefined;
    const changes: Uint8Array[] = [];
    let bytes = 0;
    for (let round = from + 1; round <= row.round; round++) {
      const change = await this.#options.files.read(this.#file(row.id, `change-${round}`));
      bytes += change?.length ?? Number.POSITIVE_INFINITY;
      if (!change || bytes >= most) return undefined;
      changes.push(change);
    }
    return changes;
  }

  async #submit(
    site: SiteRow,
    sent: { round: number; token: Uint8Array; update: Uint8Array; examples: number; epsilon: number },
  ): Promise<Receipt> {
    const { tables, files } = this.#options;
    const { federation } = site;
    const task = await this.#task(site, { ...sent, kind: 'train' });
    const updateHash = sha256(sent.update);
    if (task.state === 'done') return this.#again(task, updateHash);
    const row = await this.#row(federation);
    if (task.state !== 'open' || row?.round !== sent.round - 1) throw late();
    const { plan, model } = await this.#load(row);
    try {
      this.#checked(plan, model, { site: site.site, ...sent });
    } catch (error) {
      // The round does not wait for what will not come.
      await this.#settle(task, { state: 'declined', metrics: JSON.stringify({ code: 'PEER_PROTOCOL' }) });
      throw error;
    }
    await files.write(this.#updateFile(task), sent.update);
    const entry = await tables.transaction().execute(async (transaction) => {
      const last = await lastExchange(transaction, site);
      const exchange = { federation, site: site.site, round: sent.round, updateHash, bytes: sent.update.length };
      const sequence = (last?.sequence ?? 0) + 1;
      const hash = exchangeHash({ ...exchange, sequence }, last?.hash ?? CHAIN_BEGIN);
      const { updateHash: update_hash, ...columns } = exchange;
      await transaction
        .insertInto('federation_exchange')
        .values({ ...columns, update_hash, sequence, hash, at: new Date().toISOString() })
        .execute();
      await transaction
        .updateTable('federation_task')
        .set({ state: 'done', update_hash, bytes: sent.update.length, examples: sent.examples, epsilon: sent.epsilon })
        .where('federation', '=', federation)
        .where('round', '=', sent.round)
        .where('kind', '=', 'train')
        .where('site', '=', site.site)
        .execute();
      return { sequence, hash };
    });
    return { duplicate: false, ...entry };
  }

  async #again(task: TaskRow, updateHash: string): Promise<Receipt> {
    if (task.update_hash !== updateHash)
      throw new ConnectError('another update was counted in this round', Code.AlreadyExists);
    const held = await this.#options.tables
      .selectFrom('federation_exchange')
      .select(['sequence', 'hash'])
      .where('federation', '=', task.federation)
      .where('site', '=', task.site)
      .where('round', '=', task.round)
      .executeTakeFirstOrThrow();
    return { duplicate: true, ...held };
  }

  /** @throws ConnectError for what is no update of the plan, or holds what is no number */
  #checked(
    plan: FederationPlan,
    model: CommonModel,
    { site, round, update, examples }: { site: string; round: number; update: Uint8Array; examples: number },
  ): LayerValues {
    const change = opened(plan, model, { site, round, update });
    let squares = 0;
    for (const values of change.values()) for (const value of values) squares += value * value;
    const most = plan.largestNorm ?? Number.MAX_VALUE;
    if (!Number.isFinite(squares) || Math.sqrt(squares) > most || examples === 0)
      throw new ConnectError('the update is empty, too large or not of numbers', Code.InvalidArgument);
    return change;
  }

  async #readUpdate(plan: FederationPlan, model: CommonModel, task: TaskRow): Promise<SiteUpdate> {
    const update = await this.#options.files.read(this.#updateFile(task));
    if (!update || sha256(update) !== task.update_hash)
      throw new VesaliusError('HASH_MISMATCH', {
        what: `update of ${task.site}`,
        expected: 'the one that was counted',
      });
    const change = opened(plan, model, { site: task.site, round: task.round, update });
    return { site: task.site, examples: Number(task.examples), change };
  }

  async #load(row: FederationRow): Promise<Loaded> {
    const held = this.#loaded.get(row.id);
    if (held?.version === row.round) return held;
    const file = this.#file(row.id, `model-${row.round}`);
    const bytes = await this.#options.files.read(file);
    if (!bytes) throw new VesaliusError('FILE_NOT_FOUND', { what: 'model of a federation', file });
    const plan = parsePlan(row.plan);
    const loaded = {
      plan,
      model: new CommonModel(modelOptions(plan), weightsOfBytes(bytes, file)),
      version: row.round,
    };
    this.#loaded.set(row.id, loaded);
    return loaded;
  }

  async #forget({ federation, round }: RoundRow, done: readonly TaskRow[]): Promise<void> {
    const old = [
      ...done.map((task) => this.#updateFile(task)),
      ...(round > 1 ? [this.#file(federation, `model-${round - 2}`)] : []),
      this.#file(federation, `change-${round - CHANGES_KEPT}`),
    ];
    await Promise.all(old.map((file) => rm(file, { force: true })));
  }

  async #eligible({ id, plan_hash }: FederationRow): Promise<string[]> {
    const rows = await this.#options.tables
      .selectFrom('federation_site')
      .select('site')
      .where('federation', '=', id)
      .where('state', '=', 'approved')
      .where('approved_plan', '=', plan_hash)
      .where('sheet', 'is not', null)
      .orderBy('site')
      .execute();
    return rows.map(({ site }) => site);
  }

  async #task(
    { federation, site }: SiteRow,
    { round, token, kind }: { round: number; token: Uint8Array; kind: TaskRow['kind'] },
  ): Promise<TaskRow> {
    const task = (await this.#tasks({ federation, round }, kind)).find((each) => each.site === site);
    if (!task || task.token !== Buffer.from(token).toString('hex'))
      throw new ConnectError('no task of this site has this round and token', Code.PermissionDenied);
    return task;
  }

  #tasks({ federation, round }: Pick<TaskRow, 'federation' | 'round'>, kind: TaskRow['kind']): Promise<TaskRow[]> {
    return this.#options.tables
      .selectFrom('federation_task')
      .selectAll()
      .where('federation', '=', federation)
      .where('round', '=', round)
      .where('kind', '=', kind)
      .orderBy('site')
      .execute();
  }

  async #settle({ federation, round, kind, site }: TaskRow, values: Partial<TaskRow>): Promise<void> {
    await this.#options.tables
      .updateTable('federation_task')
      .set(values)
      .where('federation', '=', federation)
      .where('round', '=', round)
      .where('kind', '=', kind)
      .where('site', '=', site)
      .where('state', '=', 'open')
      .execute();
  }

  #row(id: string): Promise<FederationRow | undefined> {
    return this.#options.tables.selectFrom('federation').selectAll().where('id', '=', id).executeTakeFirst();
  }

  #roundRow(federation: string, round: number): Promise<RoundRow | undefined> {
    return this.#options.tables
      .selectFrom('federation_round')
      .selectAll()
      .where('federation', '=', federation)
      .where('round', '=', round)
      .executeTakeFirst();
  }

  async #openRound({ id, round }: FederationRow): Promise<RoundRow | undefined> {
    const row = await this.#roundRow(id, round + 1);
    return row?.state === 'open' ? row : undefined;
  }

  #updateFile = ({ federation, round, site }: TaskRow): string => this.#file(federation, `update-${round}-${site}`);
  #file = (federation: string, name: string): string => join(this.#options.folder, federation, name);
}

const late = () => new ConnectError('the round has gone on without this', Code.FailedPrecondition);

function opened(
  plan: FederationPlan,
  model: CommonModel,
  { site, round, update }: { site: string; round: number; update: Uint8Array },
): Map<string, Float32Array> {
  try {
    return decompressUpdate(
      update,
      { layout: model.shared, plan: compressionNamed(plan.up) },
      upSeed(plan.seed, site, round),
    );
  } catch {
    throw new ConnectError('the update is not in the code of the plan', Code.InvalidArgument);
  }
}

const deadlineOf = ({ deadlineSeconds }: FederationPlan): string =>
  new Date(Date.now() + deadlineSeconds * 1000).toISOString();

async function giveTasks(
  transaction: Transaction<FederationTables>,
  common: Pick<TaskRow, 'federation' | 'round' | 'kind'>,
  sites: readonly string[],
): Promise<void> {
  if (sites.length === 0) return;
  const empty = { state: 'open', update_hash: null, bytes: 0, examples: 0, epsilon: 0, metrics: null } as const;
  const rows = sites.map((site) => ({ ...common, ...empty, site, token: randomBytes(TOKEN_BYTES).toString('hex') }));
  await transaction.insertInto('federation_task').values(rows).execute();
}

function lastExchange(transaction: Transaction<FederationTables>, { federation, site }: SiteRow) {
  return transaction
    .selectFrom('federation_exchange')
    .select(['sequence', 'hash'])
    .where('federation', '=', federation)
    .where('site', '=', site)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
}
