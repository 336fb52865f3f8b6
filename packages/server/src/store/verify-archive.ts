import { createHash } from 'node:crypto';
import { VesaliusError } from '@vesalius/errors';
import { sql } from 'kysely';
import type { Finding } from './archive.ts';
import type { Database } from './database.ts';
import { objectKey } from './object-key.ts';
import type { ObjectStore } from './object-store.ts';
import { recount } from './recount.ts';
import type { ArchiveTables } from './tables.ts';

interface VerifyOptions {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly repair?: boolean;
  readonly deep?: boolean;
  /** Takes an object away if no row needs it by now. @returns whether none did */
  readonly removeUnneeded: (sha256: string, repair: boolean) => Promise<boolean>;
}

const PAGE = 500;

/** Compares the index with the objects, both ways. What is lost cannot be repaired: its row stays and is named. */
export async function* verifyArchive(options: VerifyOptions): AsyncGenerator<Finding> {
  yield* rowsWithoutObject(options);
  yield* objectsWithoutRow(options);
  yield* wrongCounts(options);
}

async function* rowsWithoutObject({ database, objects, deep = false }: VerifyOptions): AsyncGenerator<Finding> {
  const tables = database.tables<ArchiveTables>();
  for (let last = 0; ; ) {
    const rows = await tables
      .selectFrom('instance')
      .select(['id', 'uid', 'sha256', 'size_bytes'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    for (const { uid, sha256, size_bytes } of rows) {
      const kind = await disagreement(objects, { sha256, sizeBytes: Number(size_bytes), deep });
      if (kind) yield { kind, what: `instance ${uid}`, repaired: false };
    }
    const end = rows.at(-1);
    if (!end) return;
    last = end.id;
  }
}

interface Expected {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly deep: boolean;
}

async function disagreement(
  objects: ObjectStore,
  { sha256, sizeBytes, deep }: Expected,
): Promise<'object missing' | 'object differs' | undefined> {
  try {
    if ((await objects.size(objectKey(sha256))) !== sizeBytes) return 'object differs';
    if (!deep) return undefined;
    const hash = createHash('sha256');
    for await (const chunk of objects.stream(objectKey(sha256))) hash.update(chunk as Uint8Array);
    return hash.digest('hex') === sha256 ? undefined : 'object differs';
  } catch (error) {
    if (error instanceof VesaliusError && error.code === 'FILE_NOT_FOUND') return 'object missing';
    throw error;
  }
}

async function* objectsWithoutRow(options: VerifyOptions): AsyncGenerator<Finding> {
  const { database, objects, repair = false, removeUnneeded } = options;
  const check = async function* (keys: readonly string[]): AsyncGenerator<Finding> {
    const hashes = keys.map((key) => key.slice(key.lastIndexOf('/') + 1));
    const rows = await database
      .tables<ArchiveTables>()
      .selectFrom('instance')
      .select('sha256')
      .where('sha256', 'in', hashes)
      .execute();
    const known = new Set(rows.map(({ sha256 }) => sha256));
    for (const [i, hash] of hashes.entries()) {
      // What is being stored right now has no row yet: asked again when it is done.
      if (known.has(hash) || !(await removeUnneeded(hash, repair))) continue;
      yield { kind: 'object without row', what: `object ${keys[i]}`, repaired: repair };
    }
  };
  let page: string[] = [];
  for await (const key of objects.keys('sha256/')) {
    page.push(key);
    if (page.length < PAGE) continue;
    yield* check(page);
    page = [];
  }
  if (page.length > 0) yield* check(page);
}

async function* wrongCounts({ database, repair = false }: VerifyOptions): AsyncGenerator<Finding> {
  const tables = database.tables<ArchiveTables>();
  const differs = sql<boolean>`(
    study.instance_count <> (select count(*) from instance where instance.study_id = study.id)
    or study.series_count <> (select count(*) from series where series.study_id = study.id)
    or study.instance_count <> (select coalesce(sum(series.instance_count), 0) from series where series.study_id = study.id))`;
  for (const { id, uid } of await tables.selectFrom('study').select(['id', 'uid']).where(differs).execute()) {
    if (repair) await recount(tables, id);
    yield { kind: 'counts differ', what: `study ${uid}`, repaired: repair };
  }
}
