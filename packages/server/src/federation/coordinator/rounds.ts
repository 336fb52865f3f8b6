import { EventEmitter, once } from 'node:events';
import { Code, ConnectError } from '@connectrpc/connect';
import { Random } from '@vesalius/engine';
import { type CommonModel, joinLayers, type LayerValues } from '@vesalius/federated';
import { Turns } from '../../store/turns.ts';
import { type FederationPlan, sha256 } from '../plan.ts';
import type { FederationRow, RoundRow, SiteRow, TaskRow } from '../tables.ts';
import { type Loaded, type ModelStore, openUpdate } from './model-store.ts';
import type { RoundStore } from './round-store.ts';

interface RoundsOptions {
  readonly store: RoundStore;
  readonly models: ModelStore;
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

interface SentUpdate {
  readonly round: number;
  readonly token: Uint8Array;
  readonly update: Uint8Array;
  readonly examples: number;
  readonly epsilon: number;
}

export interface CountedUpdate {
  readonly duplicate: boolean;
  readonly sequence: number;
  readonly hash: string;
}

interface WorkWanted {
  readonly version: number | undefined;
  readonly changes: boolean;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

const LOOK_AGAIN_MS = 1000;

/**
 * The rounds of all federations of a coordinator. Everything that counts is in the database and in flushed files before it is answered; from there a
 * round comes to the same model however often it is begun again.
 */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #turns = new Turns();
  readonly #changed = new EventEmitter().setMaxListeners(0);

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  begin(federation: string, weights: LayerValues): Promise<void> {
    return this.#options.models.begin(federation, weights);
  }

  /** Closes and opens what is due. */
  advance(federation: string): Promise<void> {
    return this.#turns.take(federation, () => this.#advance(federation));
  }

  /** Waits for work of a site; nothing after so long. */
  async next(site: SiteRow, wanted: WorkWanted): Promise<GivenTask | undefined> {
    const until = performance.now() + wanted.waitMs;
    for (;;) {
      const given = await this.#turns.take(site.federation, async () => {
        await this.#advance(site.federation);
        return this.#give(site, wanted);
      });
      const left = until - performance.now();
      if (given || left <= 0 || wanted.signal.aborted) return given;
      const row = await this.#options.store.row(site.federation);
      if (row?.state !== 'running') return undefined;
      const timer = AbortSignal.any([wanted.signal, AbortSignal.timeout(Math.ceil(Math.min(left, LOOK_AGAIN_MS)))]);
      await once(this.#changed, site.federation, { signal: timer }).catch(() => undefined);
    }
  }

  /** Counts an update, once. @throws ConnectError */
  async submit(site: SiteRow, sent: SentUpdate): Promise<CountedUpdate> {
    const counted = await this.#turns.take(site.federation, () => this.#submit(site, sent));
    void this.advance(site.federation).catch(() => undefined);
    return counted;
  }

  /** @returns whether it had come before. @throws ConnectError */
  async evaluated(site: SiteRow, sent: { round: number; token: Uint8Array; metrics: object }): Promise<boolean> {
    const { store } = this.#options;
    const task = await store.task(site, { ...sent, kind: 'evaluate' });
    if (task.state === 'done') return true;
    if (task.state !== 'open') throw late();
    await store.settle(task, { state: 'done', metrics: JSON.stringify(sent.metrics) });
    this.#changed.emit(site.federation);
    return false;
  }

  /** Of a site that will not do a task: nobody waits for it. */
  async decline(site: SiteRow, { code, ...sent }: { round: number; token: Uint8Array; code: string }): Promise<void> {
    const { store } = this.#options;
    for (const kind of ['train', 'evaluate'] as const) {
      const task = await store.task(site, { ...sent, kind }).catch(() => undefined);
      if (task) await store.settle(task, { state: 'declined', metrics: JSON.stringify({ code }) });
    }
    this.#changed.emit(site.federation);
  }

  /** Of a site that is paused or removed. */
  async release(federation: string, site: string): Promise<void> {
    await this.#options.store.release(federation, site);
    this.#changed.emit(federation);
  }

  async #advance(id: string): Promise<void> {
    const { store, models, failed } = this.#options;
    const row = await store.row(id);
    if (row?.state !== 'running') return;
    try {
      const loaded = await models.load(row);
      const open = await store.openRound(row);
      if (open) await this.#closeIfDue(row, loaded, open);
      else if (row.round >= loaded.plan.rounds) await this.#finishIfDone(row, loaded.plan);
      else await this.#open(row, loaded.plan);
    } catch (error) {
      models.drop(id);
      await store.setState(id, 'paused');
      failed(id, error);
    }
  }

  async #open(row: FederationRow, plan: FederationPlan): Promise<void> {
    const { store } = this.#options;
    const sites = await store.eligible(row);
    if (sites.length < plan.minimumSites) return;
    const round = row.round + 1;
    const drawn = new Random(plan.seed).fork('sites').fork(round).shuffle(sites);
    await store.open({ federation: row.id, round }, drawn.slice(0, plan.sitesPerRound).sort(), plan);
    this.#changed.emit(row.id);
  }

  async #closeIfDue(row: FederationRow, loaded: Loaded, open: RoundRow): Promise<void> {
    const { store } = this.#options;
    const tasks = await store.tasks(open, 'train');
    const done = tasks.filter(({ state }) => state === 'done');
    const isOver = open.deadline_at <= new Date().toISOString();
    if (!isOver && tasks.some(({ state }) => state === 'open')) return;
    if (done.length >= loaded.plan.minimumSites) return this.#close(row, loaded, open);
    // Too few came: who was not chosen is asked too.
    const held = tasks.map(({ site }) => site);
    const more = (await store.eligible(row)).filter((site) => !held.includes(site));
    if (more.length === 0 && !isOver) return;
    await store.extend(open, { held, more, plan: loaded.plan });
    this.#changed.emit(row.id);
  }

  async #close(row: FederationRow, { plan, model }: Loaded, open: RoundRow): Promise<void> {
    const { store, models } = this.#options;
    const { federation, round } = open;
    const done = (await store.tasks(open, 'train')).filter(({ state }) => state === 'done');
    const updates = await Promise.all(done.map((task) => models.readUpdate(plan, model, task)));
    // Until the rows say so, the files hold the model before.
    models.drop(federation);
    const { published, shares } = model.close(round, updates);
    await models.keep(open, model, published);
    const isEvaluated = plan.evaluateEvery > 0 && round % plan.evaluateEvery === 0;
    const asked = isEvaluated ? await store.eligible(row) : [];
    await store.close(open, { done, shares, asked, modelHash: sha256(joinLayers(model.shared, model.model)) });
    models.hold(federation, { plan, model, version: round });
    await models.forget(open, done);
    this.#changed.emit(federation);
  }

  async #finishIfDone(row: FederationRow, plan: FederationPlan): Promise<void> {
    const { store } = this.#options;
    const last = { federation: row.id, round: row.round };
    const isWaiting = (await store.tasks(last, 'evaluate')).some(({ state }) => state === 'open');
    const patience = Date.parse((await store.round(last))?.closed_at ?? '') + plan.deadlineSeconds * 1000;
    if (isWaiting && Date.now() < patience) return;
    await store.setState(row.id, 'finished');
    this.#changed.emit(row.id);
  }

  async #give(site: SiteRow, { version: from, changes: mayChange }: WorkWanted): Promise<GivenTask | undefined> {
    const { store, models } = this.#options;
    const row = await store.row(site.federation);
    if (row?.state !== 'running') return undefined;
    const tasks = await store.openTasks(site);
    const task = tasks.find(({ kind }) => kind === 'evaluate') ?? tasks[0];
    if (!task) return undefined;
    const { model, version } = await models.load(row);
    const whole = joinLayers(model.shared, model.model);
    const changes = mayChange ? await models.changesSince(row, from, whole.length) : undefined;
    const left = Date.parse((await store.openRound(row))?.deadline_at ?? '') - Date.now();
    const given = {
      task,
      version,
      hash: sha256(whole),
      millisecondsLeft: Number.isFinite(left) ? Math.max(0, left) : 0,
    };
    return changes ? { ...given, changes } : { ...given, model: whole };
  }

  async #submit(site: SiteRow, sent: SentUpdate): Promise<CountedUpdate> {
    const { store, models } = this.#options;
    const task = await store.task(site, { ...sent, kind: 'train' });
    const hash = sha256(sent.update);
    if (task.state === 'done') {
      if (task.update_hash === hash) return { duplicate: true, ...(await store.exchange(task)) };
      throw new ConnectError('another update was counted in this round', Code.AlreadyExists);
    }
    const row = await store.row(site.federation);
    if (task.state !== 'open' || row?.round !== sent.round - 1) throw late();
    const { plan, model } = await models.load(row);
    try {
      assertUsable(plan, model, { ...sent, site: site.site });
    } catch (error) {
      // The round does not wait for what will not come.
      await store.settle(task, { state: 'declined', metrics: JSON.stringify({ code: 'PEER_PROTOCOL' }) });
      throw error;
    }
    await models.writeUpdate(task, sent.update);
    const { examples, epsilon } = sent;
    return { duplicate: false, ...(await store.count(task, { hash, bytes: sent.update.length, examples, epsilon })) };
  }
}

const late = () => new ConnectError('the round has gone on without this', Code.FailedPrecondition);

/** @throws ConnectError for what is no update of the plan, is too large, or holds what is no number */
function assertUsable(plan: FederationPlan, model: CommonModel, sent: SentUpdate & { readonly site: string }): void {
  const squares = squaresOf(plan, model, sent);
  const most = plan.largestNorm ?? Number.MAX_VALUE;
  if (!Number.isFinite(squares) || Math.sqrt(squares) > most || sent.examples === 0)
    throw new ConnectError('the update is empty, too large or not of numbers', Code.InvalidArgument);
}

function squaresOf(plan: FederationPlan, model: CommonModel, sent: SentUpdate & { readonly site: string }): number {
  let squares = 0;
  try {
    for (const values of openUpdate(plan, model, sent).values()) for (const value of values) squares += value * value;
  } catch {
    throw new ConnectError('the update is not in the code of the plan', Code.InvalidArgument);
  }
  return squares;
}
