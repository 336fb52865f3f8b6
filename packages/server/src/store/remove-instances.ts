import type { Transaction } from 'kysely';
import type { Access, ArchiveChange, InstanceRecord, Scope } from './archive.ts';
import type { Database } from './database.ts';
import type { IndexWriter } from './index-writer.ts';
import { recount } from './recount.ts';
import { selectInstances } from './select-instances.ts';
import type { ArchiveTables } from './tables.ts';

interface Removal {
  readonly database: Database;
  readonly scope: Scope;
  readonly access: Access;
  readonly writer: IndexWriter;
}

const AT_ONCE = 500;

/** Takes rows out of the index, and parents that are empty then; the bytes are left to the caller. */
export async function removeInstances({ database, scope, access, writer }: Removal): Promise<InstanceRecord[]> {
  const instances = await selectInstances(database, scope, access);
  if (instances.length === 0) return [];
  await writer.transaction(async (transaction) => {
    for (let at = 0; at < instances.length; at += AT_ONCE) {
      const uids = instances.slice(at, at + AT_ONCE).map(({ sopInstanceUid }) => sopInstanceUid);
      await transaction.deleteFrom('instance').where('uid', 'in', uids).execute();
    }
    await removeEmptyParents(transaction, scope.study);
    const changes = instances.map((instance): ArchiveChange => ({ kind: 'removed', instance, attributes: {} }));
    await writer.tell(transaction, changes);
  });
  return instances;
}

async function removeEmptyParents(transaction: Transaction<ArchiveTables>, studyUid: string): Promise<void> {
  const study = await transaction.selectFrom('study').select('id').where('uid', '=', studyUid).executeTakeFirst();
  if (!study) return;
  await recount(transaction, study.id);
  await transaction.deleteFrom('series').where('study_id', '=', study.id).where('instance_count', '=', 0).execute();
  await recount(transaction, study.id);
  await transaction.deleteFrom('study').where('id', '=', study.id).where('instance_count', '=', 0).execute();
}
