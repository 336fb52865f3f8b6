import { createHash } from 'node:crypto';
import type { DicomJson, RandomAccess } from '@vesalius/dicom';
import { readDicomHeader } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { sql } from 'kysely';
import type {
  Access,
  Archive,
  ArchiveChange,
  ArchiveStatistics,
  InstanceRecord,
  Scope,
  StoreOptions,
  StoreOutcome,
} from './archive.ts';
import type { Database } from './database.ts';
import { accessCondition, findMatches } from './find-matches.ts';
import { holds } from './holds.ts';
import { duplicate, IndexWriter, refused } from './index-writer.ts';
import { objectKey } from './object-key.ts';
import type { ObjectStore, PendingObject } from './object-store.ts';
import { unpackJson } from './pack-json.ts';
import { type IncomingInstance, metadataOf, readIncoming } from './read-incoming.ts';
import { removeInstances } from './remove-instances.ts';
import { selectInstances } from './select-instances.ts';
import type { ArchiveTables } from './tables.ts';
import { Turns } from './turns.ts';
import { verifyArchive } from './verify-archive.ts';

export interface ArchiveOptions {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly limits: { readonly instanceBytes: number };
}

/** The archive over an index and an object store; the index has its tables (`archiveMigrations`). */
export async function createArchive(options: ArchiveOptions): Promise<Archive> {
  return new IndexedArchive(options);
}

/** The beginning of a file that is kept in memory to read its header from. */
const HEAD_BYTES = 1 << 20;

class IndexedArchive implements Archive {
  readonly #options: ArchiveOptions;
  readonly #writer: IndexWriter;
  /** From the first look at an object to the row that needs it nobody else may take it away: by hash. */
  readonly #turns = new Turns();

  constructor(options: ArchiveOptions) {
    this.#options = options;
    this.#writer = new IndexWriter(options.database);
  }

  async store(file: Uint8Array | AsyncIterable<Uint8Array>, options: StoreOptions): Promise<StoreOutcome> {
    let pending: PendingObject | undefined;
    try {
      pending = await this.#options.objects.begin();
      const received = await this.#receive(file, pending, options.signal);
      return await this.#admit(received, pending, options);
    } catch (error) {
      return refusalOf(error);
    } finally {
      await pending?.discard().catch(() => undefined);
    }
  }

  find: Archive['find'] = (query) => findMatches(this.#options.database, query);

  async instances(scope: Scope, access: Access): Promise<readonly InstanceRecord[]> {
    return selectInstances(this.#options.database, scope, access);
  }

  open(instance: InstanceRecord): RandomAccess {
    return this.#bytesOf(instance);
  }

  stream(instance: InstanceRecord) {
    return this.#options.objects.stream(objectKey(instance.sha256));
  }

  async *metadata(instances: readonly InstanceRecord[]): AsyncIterable<DicomJson> {
    const tables = this.#options.database.tables<ArchiveTables>();
    const PAGE = 200;
    for (let at = 0; at < instances.length; at += PAGE) {
      const page = instances.slice(at, at + PAGE);
      const uids = page.map(({ sopInstanceUid }) => sopInstanceUid);
      const rows = await tables
        .selectFrom('instance')
        .innerJoin('instance_metadata', 'instance_metadata.instance_id', 'instance.id')
        .select(['instance.uid', 'instance_metadata.json'])
        .where('instance.uid', 'in', uids)
        .execute();
      const packed = new Map(rows.map(({ uid, json }) => [uid, json]));
      for (const instance of page) {
        const json = packed.get(instance.sopInstanceUid);
        yield json ? unpackJson(json) : metadataOf(await readDicomHeader(this.open(instance)));
      }
    }
  }

  async remove(scope: Scope, access: Access): Promise<readonly InstanceRecord[]> {
    const removed = await removeInstances({ database: this.#options.database, scope, access, writer: this.#writer });
    for (const sha256 of new Set(removed.map((instance) => instance.sha256))) await this.#removeUnneeded(sha256, true);
    return removed;
  }

  async projectsOf(studies: readonly string[], access: Access): Promise<ReadonlyMap<string, string>> {
    let query = this.#options.database.tables<ArchiveTables>().selectFrom('study').select(['uid', 'project']);
    for (const condition of accessCondition(access)) query = query.where(condition);
    const rows = studies.length === 0 ? [] : await query.where('uid', 'in', studies).execute();
    return new Map(rows.map(({ uid, project }) => [uid, project]));
  }

  async assign(study: string, project: string): Promise<boolean> {
    const instances = await this.instances({ study }, { projects: 'all' });
    await this.#writer.transaction(async (transaction) => {
      await transaction.updateTable('study').set({ project }).where('uid', '=', study).execute();
      const moved = instances.map((instance) => ({ ...instance, project }));
      const changes = moved.map((instance): ArchiveChange => ({ kind: 'moved', instance, attributes: {} }));
      await this.#writer.tell(transaction, changes);
    });
    return instances.length > 0;
  }

  onChange: Archive['onChange'] = (listener) => this.#writer.onChange(listener);

  verify: Archive['verify'] = (options = {}) =>
    verifyArchive({
      ...this.#options,
      ...options,
      removeUnneeded: (sha256, repair) => this.#removeUnneeded(sha256, repair),
    });

  async statistics(access: Access): Promise<ArchiveStatistics> {
    let query = this.#options.database
      .tables<ArchiveTables>()
      .selectFrom('study')
      .select([
        sql<number>`count(distinct coalesce(study.patient_id, ''))`.as('patients'),
        sql<number>`count(*)`.as('studies'),
        sql<number>`coalesce(sum(study.series_count), 0)`.as('series'),
        sql<number>`coalesce(sum(study.instance_count), 0)`.as('instances'),
        sql<number>`coalesce(sum(study.bytes), 0)`.as('bytes'),
      ]);
    for (const condition of accessCondition(access)) query = query.where(condition);
    const row = await query.executeTakeFirstOrThrow();
    return {
      patients: Number(row.patients),
      studies: Number(row.studies),
      series: Number(row.series),
      instances: Number(row.instances),
      bytes: Number(row.bytes),
    };
  }

  #bytesOf({ sha256, sizeBytes }: Pick<InstanceRecord, 'sha256' | 'sizeBytes'>): RandomAccess {
    return {
      size: sizeBytes,
      slice: (start, end) => ({
        arrayBuffer: async () => {
          const bytes = await this.#options.objects.read(objectKey(sha256), { start, end });
          return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
        },
      }),
    };
  }

  async #receive(
    file: Uint8Array | AsyncIterable<Uint8Array>,
    pending: PendingObject,
    signal: AbortSignal | undefined,
  ): Promise<Received> {
    const hash = createHash('sha256');
    const head: Uint8Array[] = [];
    let sizeBytes = 0;
    let kept = 0;
    for await (const chunk of file instanceof Uint8Array ? [file] : file) {
      signal?.throwIfAborted();
      sizeBytes += chunk.length;
      if (sizeBytes > this.#options.limits.instanceBytes)
        throw new VesaliusError('LIMIT_EXCEEDED', {
          what: 'an instance',
          expected: `${this.#options.limits.instanceBytes} bytes`,
        });
      if (kept < HEAD_BYTES) head.push(chunk.subarray(0, HEAD_BYTES - kept));
      kept = Math.min(HEAD_BYTES, kept + chunk.length);
      hash.update(chunk);
      await pending.write(chunk);
    }
    return { head: { parts: head, length: kept }, sizeBytes, sha256: hash.digest('hex') };
  }

  async #admit(received: Received, pending: PendingObject, options: StoreOptions): Promise<StoreOutcome> {
    if (received.sizeBytes === 0) throw new VesaliusError('FILE_TRUNCATED', { what: 'an instance', got: 'no bytes' });
    const instance = await readHead(received);
    return this.#turns.take(received.sha256, () =>
      instance ? this.#keep({ instance, received, pending, options }) : this.#keepUnread(received, pending, options),
    );
  }

  /** A header longer than what was kept in memory is read from where it lies. */
  async #keepUnread(received: Received, pending: PendingObject, options: StoreOptions): Promise<StoreOutcome> {
    const { sha256 } = received;
    await pending.commit(objectKey(sha256));
    try {
      const instance = await readIncoming(this.#bytesOf(received));
      return await this.#keep({ instance, received, options });
    } finally {
      if (!(await this.#isReferenced(sha256))) await this.#options.objects.remove(objectKey(sha256));
    }
  }

  async #keep({ instance, received, pending, options }: Arriving): Promise<StoreOutcome> {
    const { sha256, sizeBytes } = received;
    if (options.study !== undefined && options.study !== instance.studyInstanceUid)
      return refused(instance, 'wrong study', 'the instance belongs to another study than the one asked for');
    const there = await this.#hashOf(instance.sopInstanceUid);
    if (there !== undefined && there !== sha256 && (await this.#mayTouch(instance, options.access)))
      return duplicate(instance);
    if (there !== sha256 || !(await this.#isWhole(received))) await pending?.commit(objectKey(sha256));
    const outcome = await this.#writer.add({ instance, sha256, sizeBytes, options });
    if (outcome.status === 'refused' && !(await this.#isReferenced(sha256)))
      await this.#options.objects.remove(objectKey(sha256));
    return outcome;
  }

  /** @returns whether an object lies there that no row needs */
  #removeUnneeded(sha256: string, remove: boolean): Promise<boolean> {
    return this.#turns.take(sha256, async () => {
      if (await this.#isReferenced(sha256)) return false;
      if (remove) await this.#options.objects.remove(objectKey(sha256));
      return true;
    });
  }

  /** What is acknowledged as present is there. */
  async #isWhole({ sha256, sizeBytes }: Received): Promise<boolean> {
    return (await this.#options.objects.size(objectKey(sha256)).catch(() => -1)) === sizeBytes;
  }

  async #hashOf(sopInstanceUid: string): Promise<string | undefined> {
    const row = await this.#options.database
      .tables<ArchiveTables>()
      .selectFrom('instance')
      .select('sha256')
      .where('uid', '=', sopInstanceUid)
      .executeTakeFirst();
    return row?.sha256;
  }

  async #mayTouch({ studyInstanceUid }: IncomingInstance, access: Access): Promise<boolean> {
    if (access.projects === 'all') return true;
    const row = await this.#options.database
      .tables<ArchiveTables>()
      .selectFrom('study')
      .select('project')
      .where('uid', '=', studyInstanceUid)
      .executeTakeFirst();
    return row === undefined || holds(access, row.project);
  }

  async #isReferenced(sha256: string): Promise<boolean> {
    const row = await this.#options.database
      .tables<ArchiveTables>()
      .selectFrom('instance')
      .select('id')
      .where('sha256', '=', sha256)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }
}

/** As it came in: most files are understood by their first part, and joining all costs as much memory as the file. */
interface Head {
  readonly parts: readonly Uint8Array[];
  readonly length: number;
}

interface Received {
  readonly head: Head;
  readonly sizeBytes: number;
  readonly sha256: string;
}

interface Arriving {
  readonly instance: IncomingInstance;
  readonly received: Received;
  /** Without it the object is in its place already. */
  readonly pending?: PendingObject;
  readonly options: StoreOptions;
}

/** Nothing where the header goes on behind what was kept. */
async function readHead({ head, sizeBytes }: Received): Promise<IncomingInstance | undefined> {
  try {
    return await readIncoming(randomAccess(head, sizeBytes));
  } catch (error) {
    if (head.length === sizeBytes) throw error;
    return undefined;
  }
}

/** The beginning of a file as the file; beyond it nothing can be read. */
function randomAccess(head: Head, size: number): RandomAccess {
  return {
    size,
    slice: (start, end) => ({
      arrayBuffer: async () => {
        const last = Math.min(end, size);
        if (last > head.length) throw new RangeError('beyond what was kept');
        return rangeOf(head.parts, start, last).buffer;
      },
    }),
  };
}

function rangeOf(parts: readonly Uint8Array[], start: number, end: number): Uint8Array<ArrayBuffer> {
  const range = new Uint8Array(Math.max(0, end - start));
  let at = 0;
  for (const part of parts) {
    const from = Math.max(0, start - at);
    if (at < end && from < part.length) range.set(part.subarray(from, end - at), Math.max(0, at - start));
    at += part.length;
  }
  return range;
}

/** Every failure on the way in is an answer. */
function refusalOf(error: unknown): StoreOutcome {
  const refuse = (reason: Extract<StoreOutcome, { status: 'refused' }>['reason'], what: string): StoreOutcome => ({
    status: 'refused',
    reason,
    what,
  });
  if (!(error instanceof VesaliusError)) return refuse('processing failure', 'the instance did not come in whole');
  const { code, details } = error;
  if (code === 'DISK_FULL' || code === 'OUT_OF_MEMORY') return refuse('out of resources', 'no room is left');
  if (code === 'LIMIT_EXCEEDED' && details.what === 'an instance')
    return refuse('out of resources', 'the instance is larger than this archive takes');
  if (code === 'WRITE_FAILED') return refuse('processing failure', 'the instance could not be written');
  return refuse('cannot understand', `${code}: ${details.what}`);
}
