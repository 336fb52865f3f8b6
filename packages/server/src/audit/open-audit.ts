import type { Kysely } from 'kysely';
import type { Database } from '../store/database.ts';
import { auditHash, GENESIS } from './audit-hash.ts';
import { type AuditHead, writeAuditHead } from './audit-head.ts';
import type { AuditEvent, AuditLog, AuditQuery, AuditRecord } from './audit-log.ts';
import type { AuditTables } from './migrations.ts';
import { verifyAudit } from './verify-audit.ts';

interface AuditOptions {
  readonly database: Database;
  /** Where `audit-head.json` is kept. */
  readonly dataFolder: string;
}

const HEAD_EVERY_MS = 1000;
const MOST_FOUND = 1000;
const BATCH = 500;
const ATTEMPTS = 5;

interface Waiting {
  readonly event: AuditEvent;
  readonly at: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** The audit log on the database; events that come at once share a transaction. Wants `auditMigrations` to have run. */
export function openAudit({ database, dataFolder }: AuditOptions): AuditLog {
  const tables = database.tables<AuditTables>();
  const head = headKeeper(dataFolder);
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      try {
        head.moved(await append(tables, batch));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    writing = undefined;
  }

  return {
    record: (event) =>
      new Promise((done, failed) => {
        waiting.push({ event, at: new Date().toISOString(), done, failed });
        // Begins in the next turn: what is recorded in this one goes along.
        writing ??= Promise.resolve().then(writeAll);
      }),
    find: (query) => find(tables, query),
    verify: async () => {
      await head.written();
      return verifyAudit(tables, dataFolder);
    },
    close: async () => {
      await writing;
      await head.written();
    },
  };
}

async function append(tables: Kysely<AuditTables>, batch: readonly Waiting[], attempt = 1): Promise<AuditHead> {
  try {
    return await tables.transaction().execute(async (transaction) => {
      const last = await transaction
        .selectFrom('audit_event')
        .select(['sequence', 'hash'])
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst();
      let sequence = Number(last?.sequence ?? 0);
      let previous = last?.hash ?? GENESIS;
      const rows = batch.map(({ event, at }) => {
        const row = { ...columns(event), sequence: ++sequence, at, previous };
        previous = auditHash(row);
        return { ...row, hash: previous };
      });
      await transaction.insertInto('audit_event').values(rows).execute();
      return { sequence, hash: previous };
    });
  } catch (error) {
    // Another process on the same database took the number.
    if (attempt < ATTEMPTS && /unique|duplicate/i.test(String(error))) return append(tables, batch, attempt + 1);
    throw error;
  }
}

function columns({ action, outcome, principal, from, entities = [], detail }: AuditEvent) {
  return {
    action,
    outcome,
    principal,
    source: from,
    entities: JSON.stringify(entities.map(({ kind, id }) => [kind, id])),
    detail: detail ?? null,
  };
}

/** Tells the file of the newest event at most once a second: an fsync for each would halve what can be stored. */
function headKeeper(dataFolder: string): { moved(head: AuditHead): void; written(): Promise<void> } {
  let newest: AuditHead | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const head = newest;
    newest = undefined;
    if (head !== undefined) writing = writing.then(() => writeAuditHead(dataFolder, head)).catch(() => undefined);
    return writing;
  };
  return {
    moved: (head) => {
      newest = head;
      timer ??= setTimeout(write, HEAD_EVERY_MS).unref();
    },
    written: write,
  };
}

async function find(tables: Kysely<AuditTables>, query: AuditQuery): Promise<readonly AuditRecord[]> {
  let rows = tables.selectFrom('audit_event').selectAll();
  for (const key of ['action', 'principal', 'outcome'] as const) {
    const value = query[key];
    if (value !== undefined) rows = rows.where(key, '=', value);
  }
  if (query.entity !== undefined)
    rows = rows.where('entities', 'like', `%${JSON.stringify(query.entity).replaceAll(/[%_]/g, '')}%`);
  if (query.from !== undefined) rows = rows.where('at', '>=', query.from);
  if (query.to !== undefined) rows = rows.where('at', '<=', query.to);
  if (query.before !== undefined) rows = rows.where('sequence', '<', query.before);
  const found = await rows
    .orderBy('sequence', 'desc')
    .limit(Math.min(query.limit ?? 100, MOST_FOUND))
    .execute();
  return found.map(toRecord);
}

function toRecord({ source, entities, detail, sequence, outcome, ...row }: AuditTables['audit_event']): AuditRecord {
  const pairs = JSON.parse(entities) as [string, string][];
  return {
    ...row,
    sequence: Number(sequence),
    outcome: outcome as AuditRecord['outcome'],
    from: source,
    entities: pairs.map(([kind, id]) => ({ kind, id })),
    ...(detail !== null && { detail }),
  };
}
