import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, ConnectError } from '@connectrpc/connect';
import { VesaliusError } from '@vesalius/errors';
import { State, type Task, TaskKind } from '@vesalius/federated/protocol';
import { requestCertificate } from '../certificates/authority.ts';
import { addWireBytes } from '../coordinator/wire-bytes.ts';
import { type FederationPlan, parsePlan, sha256 } from '../plan.ts';
import { PROTOCOL } from '../protocol-version.ts';
import type { FederationRow } from '../tables.ts';
import type { SheetAnswer } from '../worker.ts';
import { type Dialled, dial } from './dial.ts';
import { keepReceipt } from './keep-receipt.ts';
import { type Model, SiteModel } from './site-model.ts';
import type { SiteParts, SiteSettings } from './site-parts.ts';
import { spendPrivacy } from './spend-privacy.ts';

const WAIT_MS = 15_000;
const AGAIN_MS = { least: 250, idle: 2000, failing: 10_000 };
/** A certificate is renewed when less than this is left of it. */
const RENEW_MS = 30 * 86_400_000;

interface Turn {
  readonly row: FederationRow;
  readonly settings: SiteSettings;
  readonly client: Dialled['client'];
}

interface Work extends Turn {
  readonly plan: FederationPlan;
  readonly task: Task;
  readonly model: Model;
}

/**
 * A site at work: asks its coordinator for tasks, does them on its own data, sends what its owner has approved. All of it can be killed at any time: an
 * update is kept before it is sent, and sent again until it has its receipt.
 */
export class Site {
  readonly #parts: SiteParts;
  readonly #id: string;
  readonly #stop = new AbortController();
  readonly #models: SiteModel;
  #dialled: Dialled | undefined;
  #sheet: SheetAnswer | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(parts: SiteParts, id: string) {
    this.#parts = parts;
    this.#id = id;
    this.#models = new SiteModel(parts, join(parts.folder, id));
  }

  begin(): void {
    this.#work = this.#loop();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#hangUp();
    await this.#work;
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stop;
    let pause: number = AGAIN_MS.least;
    while (!signal.aborted) {
      const hasWorked = await this.#turn().catch((error: unknown) => this.#failed(error));
      const most = hasWorked === undefined ? AGAIN_MS.failing : AGAIN_MS.idle;
      pause = hasWorked ? AGAIN_MS.least : Math.min(most, 2 * pause);
      // Sites that lost their coordinator at once do not come back at once.
      if (!hasWorked) await sleep(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns whether it should go on at once */
  async #turn(): Promise<boolean> {
    const row = await this.#row();
    const settings = JSON.parse(row.settings) as SiteSettings;
    if (Date.parse(settings.certificateEnds) - Date.now() < RENEW_MS) await this.#renew(row, settings);
    this.#dialled ??= await this.#dial(settings);
    const turn = { row, settings, client: this.#dialled.client };
    const plan = await this.#announce(turn);
    if (row.state === 'paused' || !plan) return this.#countBytes(row.round + 1, false);
    await this.#sendPending(turn);
    const version = (await this.#models.held())?.version;
    const { state, task } = await turn.client.nextTask({
      version: PROTOCOL,
      ...(version !== undefined && { modelVersion: version }),
      acceptsChanges: true,
      waitMilliseconds: WAIT_MS,
      approvedPlan: row.plan_hash,
    });
    await this.#become(STATES[state] ?? 'waiting');
    if (!task) return this.#countBytes(row.round + 1, state === State.RUNNING);
    await this.#do(turn, plan, task);
    return this.#countBytes(task.round, true);
  }

  /** Tells of itself what its owner lets it, and takes the plan. @returns the plan where the site may work under it */
  async #announce({ row, settings, client }: Turn): Promise<FederationPlan | undefined> {
    const isApproved = row.plan !== '' && row.approved_plan === row.plan_hash;
    const sheet = isApproved ? await this.#sheetOf(settings) : undefined;
    const { plan } = await client.announce({
      version: PROTOCOL,
      ...(sheet && { dataSheet: { ...sheet, ...copied(sheet), privacyUnit: 'image' } }),
      approvedPlan: row.approved_plan ?? '',
    });
    const parsed = parsePlan(plan);
    const hash = sha256(plan);
    if (hash === row.plan_hash) return sheet && parsed;
    // Another plan than the one that was read: nothing is done until its owner has read this one.
    await this.#set({ plan, plan_hash: hash, name: parsed.name });
    return undefined;
  }

  /** @throws PEER_REFUSED for fewer images of a class than the smallest cohort */
  async #sheetOf(settings: SiteSettings): Promise<SheetAnswer> {
    this.#sheet ??= await this.#parts.worker.call('sheet', dataOf(settings));
    if (Math.min(...this.#sheet.examplesOfClass) >= settings.minimumCohort) return this.#sheet;
    const expected = `${settings.minimumCohort} of each class or more`;
    throw new VesaliusError('PEER_REFUSED', { what: 'cohort', got: 'fewer images', expected });
  }

  async #do(turn: Turn, plan: FederationPlan, task: Task): Promise<void> {
    try {
      const model = await this.#models.bringUpToDate(plan, task);
      if (!model) return;
      await this.#set({ round: task.modelVersion });
      const work = { ...turn, plan, task, model };
      await (task.kind === TaskKind.EVALUATE ? this.#evaluate(work) : this.#train(work));
    } catch (error) {
      // The round need not wait for a site that will not or cannot.
      if (error instanceof VesaliusError)
        await turn.client.decline({ round: task.round, token: task.token, code: error.code });
      throw error;
    }
  }

  async #evaluate({ settings, client, plan, task: { round, token }, model }: Work): Promise<void> {
    const weights = await this.#models.scratch('evaluated', model.weights);
    const { worker } = this.#parts;
    const measured = await worker.call('evaluate', { ...dataOf(settings), plan, weights });
    const { auc, averagePrecision } = measured;
    const counts = { negatives: [...measured.negatives], positives: [...measured.positives] };
    await client.submitEvaluation({ round, token, auc, averagePrecision, ...counts });
  }

  async #train(work: Work): Promise<void> {
    const { row, settings, plan, task, model } = work;
    const { round } = task;
    const site = row.site ?? '';
    const examples = (await this.#sheetOf(settings)).examples;
    const spent = await spendPrivacy(this.#parts, { federation: row.id, round, plan, settings, examples });
    const weights = await this.#models.scratch('from', model.weights);
    const trained = this.#models.path('trained.safetensors');
    await this.#parts.worker.call('train', {
      ...{ ...dataOf(settings), plan, weights, out: trained, seed: `${plan.seed} ${site} ${round}` },
      ...(spent && { noiseMultiplier: spent.noiseMultiplier }),
    });
    const token = Buffer.from(task.token).toString('hex');
    const pending = { round, token, examples, steps: plan.localSteps, epsilon: spent?.epsilon ?? 0 };
    await this.#models.keepUpdate(plan, site, { ...pending, before: model, trained });
    await this.#sendPending(work);
  }

  /** Sends what is kept, until it has its receipt or the round has gone on. */
  async #sendPending({ row, client }: Turn): Promise<void> {
    const pending = await this.#models.pending();
    if (!pending) return;
    const { round, update } = pending;
    try {
      const { receipt } = await client.submitUpdate({ ...pending, token: Buffer.from(pending.token, 'hex') });
      await keepReceipt(this.#parts, row, { round, update, receipt });
      await this.#models.settle(true);
    } catch (error) {
      if (!(error instanceof ConnectError && OVER.has(error.code))) throw error;
      this.#parts.log.warn({ federation: row.id, round }, `an update was not counted: ${error.rawMessage}`);
      await this.#models.settle(false);
    }
  }

  /** A new key and a certificate for it; the old one holds until the new one is used. */
  async #renew(row: FederationRow, settings: SiteSettings): Promise<void> {
    const { key, request } = await requestCertificate(row.site ?? '');
    this.#dialled ??= await this.#dial(settings);
    const { certificate, ends } = await this.#dialled.client.renew({ certificateRequest: request });
    await this.#parts.keepCertificate(this.#id, { key, certificate });
    await this.#set({ settings: JSON.stringify({ ...settings, certificateEnds: ends }) });
    this.#hangUp();
  }

  async #dial({ url, authority }: SiteSettings): Promise<Dialled> {
    const own = await this.#parts.readCertificate(this.#id);
    return dial({ url, authority, own, messageBytes: this.#parts.messageBytes });
  }

  #hangUp(): void {
    this.#dialled?.close();
    this.#dialled = undefined;
  }

  async #countBytes<Value>(round: number, value: Value): Promise<Value> {
    const bytes = this.#dialled?.taken();
    const { site } = await this.#row();
    if (bytes) await addWireBytes(this.#parts.tables, { federation: this.#id, site: site ?? '', round, ...bytes });
    return value;
  }

  async #failed(error: unknown): Promise<undefined> {
    if (this.#stop.signal.aborted) return;
    const known = error instanceof VesaliusError ? error.code : 'FAILED';
    const code = error instanceof ConnectError ? (Code[error.code] ?? 'FAILED') : known;
    this.#parts.log.warn({ federation: this.#id, code }, String(error));
    await this.#set({ problem: JSON.stringify({ code, at: new Date().toISOString() }) }).catch(() => undefined);
  }

  #row(): Promise<FederationRow> {
    const rows = this.#parts.tables.selectFrom('federation').selectAll();
    return rows.where('id', '=', this.#id).executeTakeFirstOrThrow();
  }

  async #set(values: Partial<FederationRow>): Promise<void> {
    await this.#parts.tables.updateTable('federation').set(values).where('id', '=', this.#id).execute();
  }

  /** A pause of its own is not ended by what the coordinator says. */
  async #become(state: FederationRow['state']): Promise<void> {
    const rows = this.#parts.tables.updateTable('federation').set({ state }).where('id', '=', this.#id);
    await rows.where('state', '!=', 'paused').execute();
  }
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

const copied = ({ examplesOfClass, imageShape }: SheetAnswer) => ({
  examplesOfClass: [...examplesOfClass],
  imageShape: [...imageShape],
});

const dataOf = ({ data, validation }: SiteSettings) => ({ data, ...(validation !== undefined && { validation }) });
