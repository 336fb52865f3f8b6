import { randomBytes } from 'node:crypto';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Kysely, Transaction } from 'kysely';
import { CHAIN_BEGIN, exchangeHash } from '../exchange-hash.ts';
import type { FederationPlan } from '../plan.ts';
import type { FederationRow, FederationTables, RoundRow, SiteRow, TaskRow } from '../tables.ts';

const TOKEN_BYTES = 16;

type Round = Pick<TaskRow, 'federation' | 'round'>;

export interface ClosedRows {
  readonly done: readonly TaskRow[];
  readonly modelHash: string;
  readonly shares: readonly { readonly site: string; readonly drift: number; readonly contribution: number }[];
  /** Sites that are asked to evaluate. */
  readonly asked: readonly string[];
}

/** Rounds and tasks as rows: each change is one transaction. */
export class RoundStore {
  readonly #tables: Kysely<FederationTables>;

  constructor(tables: Kysely<FederationTables>) {
    this.#tables = tables;
  }

  row(id: string): Promise<FederationRow | undefined> {
    return this.#tables.selectFrom('federation').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async setState(id: string, state: FederationRow['state']): Promise<void> {
    await this.#tables.updateTable('federation').set({ state }).where('id', '=', id).execute();
  }

  round({ federation, round }: Round): Promise<RoundRow | undefined> {
    const rows = this.#tables.selectFrom('federation_round').selectAll();
    return rows.where('federation', '=', federation).where('round', '=', round).executeTakeFirst();
  }

  async openRound({ id, round }: FederationRow): Promise<RoundRow | undefined> {
    const row = await this.round({ federation: id, round: round + 1 });
    return row?.state === 'open' ? row : undefined;
  }

  /** Names, in order, of the sites that both ends have let in under this plan. */
  async eligible({ id, plan_hash }: FederationRow): Promise<string[]> {
    const rows = await this.#tables
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

  tasks({ federation, round }: Round, kind: TaskRow['kind']): Promise<TaskRow[]> {
    const rows = this.#tables.selectFrom('federation_task').selectAll().where('federation', '=', federation);
    return rows.where('round', '=', round).where('kind', '=', kind).orderBy('site').execute();
  }

  openTasks({ federation, site }: SiteRow): Promise<TaskRow[]> {
    const rows = this.#tables.selectFrom('federation_task').selectAll().where('federation', '=', federation);
    return rows.where('site', '=', site).where('state', '=', 'open').execute();
  }

  /** @throws ConnectError for a round or token that is not this site's */
  async task(
    { federation, site }: SiteRow,
    { round, token, kind }: { round: number; token: Uint8Array; kind: TaskRow['kind'] },
  ): Promise<TaskRow> {
    const task = (await this.tasks({ federation, round }, kind)).find((each) => each.site === site);
    if (task && task.token === Buffer.from(token).toString('hex')) return task;
    throw new ConnectError('no task of this site has this round and token', Code.PermissionDenied);
  }

  /** Ends a task that is open. */
  async settle({ federation, round, kind, site }: TaskRow, values: Partial<TaskRow>): Promise<void> {
    const rows = this.#tables.updateTable('federation_task').set(values).where('federation', '=', federation);
    const own = rows.where('round', '=', round).where('kind', '=', kind).where('site', '=', site);
    await own.where('state', '=', 'open').execute();
  }

  async release(federation: string, site: string): Promise<void> {
    const rows = this.#tables.updateTable('federation_task').set({ state: 'declined' });
    await rows.where('federation', '=', federation).where('site', '=', site).where('state', '=', 'open').execute();
  }

  async open(round: Round, chosen: readonly string[], plan: FederationPlan): Promise<void> {
    await this.#tables.transaction().execute(async (transaction) => {
      const opened_at = new Date().toISOString();
      const empty = { state: 'open' as const, closed_at: null, model_hash: null, counted: '[]' };
      const more = { opened_at, deadline_at: deadlineOf(plan), chosen: JSON.stringify(chosen) };
      await transaction
        .insertInto('federation_round')
        .values({ ...round, ...empty, ...more })
        .execute();
      await giveTasks(transaction, { ...round, kind: 'train' }, chosen);
    });
  }

  /** The round has its time again, with more sites. */
  async extend(
    { federation, round }: Round,
    { held, more, plan }: { held: readonly string[]; more: readonly string[]; plan: FederationPlan },
  ): Promise<void> {
    await this.#tables.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('federation_round')
        .set({ deadline_at: deadlineOf(plan), chosen: JSON.stringify([...held, ...more].sort()) })
        .where('federation', '=', federation)
        .where('round', '=', round)
        .execute();
      await giveTasks(transaction, { federation, round, kind: 'train' }, more);
    });
  }

  async close({ federation, round }: Round, { done, modelHash, shares, asked }: ClosedRows): Promise<void> {
    await this.#tables.transaction().execute(async (transaction) => {
      const counted = JSON.stringify(done.map(({ site }) => site));
      await transaction
        .updateTable('federation_round')
        .set({ state: 'closed', closed_at: new Date().toISOString(), model_hash: modelHash, counted })
        .where('federation', '=', federation)
        .where('round', '=', round)
        .execute();
      const tasks = () => transaction.updateTable('federation_task').where('federation', '=', federation);
      await tasks().set({ state: 'late' }).where('state', '=', 'open').execute();
      for (const { site, ...share } of shares) {
        const own = tasks().where('round', '=', round).where('kind', '=', 'train').where('site', '=', site);
        await own.set({ metrics: JSON.stringify(share) }).execute();
      }
      await giveTasks(transaction, { federation, round, kind: 'evaluate' }, asked);
      await transaction.updateTable('federation').set({ round }).where('id', '=', federation).execute();
    });
  }

  /** An update becomes the next entry of its site's chain, and its task is done: both or neither. */
  async count(task: TaskRow, update: Pick<TaskRow, 'bytes' | 'examples' | 'epsilon'> & { readonly hash: string }) {
    const { federation, round, site } = task;
    const { hash: updateHash, ...measures } = update;
    return this.#tables.transaction().execute(async (transaction) => {
      const last = await lastExchange(transaction, task);
      const exchange = {
        federation,
        site,
        round,
        updateHash,
        bytes: update.bytes,
        sequence: (last?.sequence ?? 0) + 1,
      };
      const hash = exchangeHash(exchange, last?.hash ?? CHAIN_BEGIN);
      const { updateHash: update_hash, ...columns } = exchange;
      const at = new Date().toISOString();
      await transaction
        .insertInto('federation_exchange')
        .values({ ...columns, update_hash, hash, at })
        .execute();
      await transaction
        .updateTable('federation_task')
        .set({ state: 'done', update_hash, ...measures })
        .where('federation', '=', federation)
        .where('round', '=', round)
        .where('kind', '=', 'train')
        .where('site', '=', site)
        .execute();
      return { sequence: exchange.sequence, hash };
    });
  }

  exchange({ federation, site, round }: TaskRow): Promise<{ sequence: number; hash: string }> {
    const rows = this.#tables.selectFrom('federation_exchange').select(['sequence', 'hash']);
    const own = rows.where('federation', '=', federation).where('site', '=', site);
    return own.where('round', '=', round).executeTakeFirstOrThrow();
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

function lastExchange(transaction: Transaction<FederationTables>, { federation, site }: TaskRow) {
  const rows = transaction.selectFrom('federation_exchange').select(['sequence', 'hash']);
  const own = rows.where('federation', '=', federation).where('site', '=', site);
  return own.orderBy('sequence', 'desc').limit(1).executeTakeFirst();
}
