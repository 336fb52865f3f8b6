import { VesaliusError } from '@vesalius/errors';
import { sql, type Transaction } from 'kysely';
import type { ArchiveChange, ArchiveListener, InstanceRecord, Source, StoreOptions, StoreOutcome } from './archive.ts';
import { textOf } from './attribute-levels.ts';
import type { Database } from './database.ts';
import { holds } from './holds.ts';
import { packJson } from './pack-json.ts';
import type { IncomingInstance } from './read-incoming.ts';
import { instanceRow, seriesRow, studyRow, studyWords } from './rows.ts';
import type { ArchiveTables } from './tables.ts';

/** An instance whose bytes are durable and that is to be indexed. */
export interface Arrival {
  readonly instance: IncomingInstance;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly options: Pick<StoreOptions, 'project' | 'access' | 'source'>;
}

interface Waiting {
  readonly arrival: Arrival;
  resolve(outcome: StoreOutcome): void;
}

type Refused = Extract<StoreOutcome, { status: 'refused' }>;
type Tables = Transaction<ArchiveTables>;

/** More in one transaction would keep the first of them waiting. */
const MOST_AT_ONCE = 200;
const ARCHIVE_LOCK = 20_010_305;

/** Writes the rows of what arrives: all that waits goes into one transaction, and one flush to disk acknowledges it. */
export class IndexWriter {
  readonly #database: Database;
  readonly #listeners: ArchiveListener[] = [];
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  onChange(listener: ArchiveListener): void {
    this.#listeners.push(listener);
  }

  add(arrival: Arrival): Promise<StoreOutcome> {
    return new Promise((resolve) => {
      this.#waiting.push({ arrival, resolve });
      this.#running ??= this.#drain();
    });
  }

  /** Tells the listeners within a transaction. */
  async tell(transaction: Tables, changes: readonly ArchiveChange[]): Promise<void> {
    if (changes.length === 0) return;
    for (const listener of this.#listeners) await listener(transaction as unknown as Transaction<unknown>, changes);
  }

  async #drain(): Promise<void> {
    // What arrives in the same turn goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST_AT_ONCE);
      const outcomes = await this.#writeBatch(batch.map(({ arrival }) => arrival));
      for (const [i, { resolve }] of batch.entries()) resolve(outcomes[i] as StoreOutcome);
    }
    this.#running = undefined;
  }

  async #writeBatch(arrivals: readonly Arrival[]): Promise<StoreOutcome[]> {
    try {
      return await this.#write(arrivals);
    } catch (error) {
      if (arrivals.length === 1) return [refusalOf(error, arrivals[0] as Arrival)];
      // One that cannot be written does not take the others with it.
      const outcomes: StoreOutcome[] = [];
      for (const arrival of arrivals) outcomes.push(...(await this.#writeBatch([arrival])));
      return outcomes;
    }
  }

  /** Transactions that change the index go one after another: counts and parents stay right. */
  transaction<Value>(work: (transaction: Tables) => Promise<Value>): Promise<Value> {
    const { dialect } = this.#database;
    const tables = this.#database.tables<ArchiveTables>();
    return tables.transaction().execute(async (transaction) => {
      // SQLite has one connection here; PostgreSQL has many, of several servers even.
      if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${ARCHIVE_LOCK})`.execute(transaction);
      return work(transaction);
    });
  }

  #write(arrivals: readonly Arrival[]): Promise<StoreOutcome[]> {
    return this.transaction(async (transaction) => {
      const batch = new BatchWriter(transaction);
      const outcomes: StoreOutcome[] = [];
      for (const arrival of arrivals) outcomes.push(await batch.write(arrival));
      await batch.finish();
      await this.tell(transaction, batch.changes);
      return outcomes;
    });
  }
}

interface Known {
  readonly id: number;
  readonly project: string;
  readonly patientId: string | null;
}

/** One transaction's work: parents are looked up once, counts are added at the end. */
class BatchWriter {
  readonly changes: ArchiveChange[] = [];
  readonly #transaction: Tables;
  readonly #studies = new Map<string, Known>();
  readonly #series = new Map<string, { readonly id: number; readonly studyId: number }>();
  readonly #added = new Map<number, { series: number; instances: number; bytes: number }>();
  readonly #addedToSeries = new Map<number, number>();

  constructor(transaction: Tables) {
    this.#transaction = transaction;
  }

  async write(arrival: Arrival): Promise<StoreOutcome> {
    const { instance, sha256 } = arrival;
    const { study, project } = await this.#studyFor(arrival);
    const there = await this.#transaction
      .selectFrom('instance')
      .select('sha256')
      .where('uid', '=', instance.sopInstanceUid)
      .executeTakeFirst();
    if (!holds(arrival.options.access, project))
      return refused(instance, 'not authorized', 'the study belongs to another project');
    if (there?.sha256 === sha256) return this.#present(instance);
    if (there) return duplicate(instance);
    const parent = study ?? (await this.#insertStudy(arrival));
    const seriesId = await this.#seriesFor(instance, parent.id);
    if (seriesId === undefined)
      return refused(instance, 'wrong study', 'the series is part of another study in this archive');
    await this.#insertInstance(arrival, { studyId: parent.id, seriesId, project });
    return { status: 'stored', instance: keyOf(instance), warnings: warningsOf(instance, parent) };
  }

  /** What another has just written may not be flushed yet: this one waits for it by writing too. */
  async #present(instance: IncomingInstance): Promise<StoreOutcome> {
    const uid = instance.sopInstanceUid;
    await this.#transaction.updateTable('instance').set({ uid }).where('uid', '=', uid).execute();
    return { status: 'present', instance: keyOf(instance), warnings: [] };
  }

  async finish(): Promise<void> {
    for (const [id, { series, instances, bytes }] of this.#added)
      await this.#transaction
        .updateTable('study')
        .set(({ eb }) => ({
          series_count: eb('series_count', '+', series),
          instance_count: eb('instance_count', '+', instances),
          bytes: eb('bytes', '+', bytes),
        }))
        .where('id', '=', id)
        .execute();
    for (const [id, instances] of this.#addedToSeries)
      await this.#transaction
        .updateTable('series')
        .set(({ eb }) => ({ instance_count: eb('instance_count', '+', instances) }))
        .where('id', '=', id)
        .execute();
  }

  async #studyFor({ instance, options }: Arrival): Promise<{ study?: Known; project: string }> {
    const uid = instance.studyInstanceUid;
    const known = this.#studies.get(uid) ?? (await this.#readStudy(uid));
    if (known) this.#studies.set(uid, known);
    return known ? { study: known, project: known.project } : { project: options.project };
  }

  async #readStudy(uid: string): Promise<Known | undefined> {
    const row = await this.#transaction
      .selectFrom('study')
      .select(['id', 'project', 'patient_id'])
      .where('uid', '=', uid)
      .executeTakeFirst();
    return row && { id: row.id, project: row.project, patientId: row.patient_id };
  }

  async #insertStudy({ instance, options }: Arrival): Promise<Known> {
    const row = studyRow(instance);
    const { id } = await this.#transaction
      .insertInto('study')
      .values({ ...row, uid: instance.studyInstanceUid, project: options.project, stored_at: now() })
      .returning('id')
      .executeTakeFirstOrThrow();
    const words = studyWords(instance).map((word) => ({ ...word, study_id: id }));
    if (words.length > 0) await this.#transaction.insertInto('study_word').values(words).execute();
    const known = { id, project: options.project, patientId: row.patient_id ?? null };
    this.#studies.set(instance.studyInstanceUid, known);
    return known;
  }

  /** Nothing where the series is of another study. */
  async #seriesFor(instance: IncomingInstance, studyId: number): Promise<number | undefined> {
    const uid = instance.seriesInstanceUid;
    const known =
      this.#series.get(uid) ?? (await this.#readSeries(uid)) ?? (await this.#insertSeries(instance, studyId));
    this.#series.set(uid, known);
    return known.studyId === studyId ? known.id : undefined;
  }

  async #readSeries(uid: string): Promise<{ id: number; studyId: number } | undefined> {
    const row = await this.#transaction
      .selectFrom('series')
      .select(['id', 'study_id'])
      .where('uid', '=', uid)
      .executeTakeFirst();
    return row && { id: row.id, studyId: row.study_id };
  }

  async #insertSeries(instance: IncomingInstance, studyId: number): Promise<{ id: number; studyId: number }> {
    const { id } = await this.#transaction
      .insertInto('series')
      .values({ ...seriesRow(instance), uid: instance.seriesInstanceUid, study_id: studyId })
      .returning('id')
      .executeTakeFirstOrThrow();
    this.#count(studyId).series += 1;
    return { id, studyId };
  }

  async #insertInstance(
    { instance, sha256, sizeBytes, options }: Arrival,
    { studyId, seriesId, project }: { studyId: number; seriesId: number; project: string },
  ): Promise<void> {
    const storedAt = now();
    const { id } = await this.#transaction
      .insertInto('instance')
      .values({
        ...instanceRow(instance),
        series_id: seriesId,
        study_id: studyId,
        size_bytes: sizeBytes,
        sha256,
        stored_at: storedAt,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const json = packJson(instance.dataSet);
    await this.#transaction.insertInto('instance_metadata').values({ instance_id: id, json }).execute();
    const added = this.#count(studyId);
    added.instances += 1;
    added.bytes += sizeBytes;
    this.#addedToSeries.set(seriesId, (this.#addedToSeries.get(seriesId) ?? 0) + 1);
    this.changes.push(changeOf({ instance, sha256, sizeBytes, storedAt, project, source: options.source }));
  }

  #count(studyId: number): { series: number; instances: number; bytes: number } {
    const counts = this.#added.get(studyId) ?? { series: 0, instances: 0, bytes: 0 };
    this.#added.set(studyId, counts);
    return counts;
  }
}

const now = (): string => new Date().toISOString();

interface Stored extends Pick<Arrival, 'instance' | 'sha256' | 'sizeBytes'> {
  readonly storedAt: string;
  readonly project: string;
  readonly source: Source;
}

function changeOf({ instance, sha256, sizeBytes, storedAt, project, source }: Stored): ArchiveChange {
  const number = instanceRow(instance).number ?? undefined;
  const record: InstanceRecord = {
    ...keyOf(instance),
    project,
    transferSyntaxUid: instance.transferSyntaxUid,
    sizeBytes,
    sha256,
    frames: instance.frames,
    storedAt,
    ...(number === undefined ? {} : { instanceNumber: number }),
  };
  return { kind: 'stored', instance: record, attributes: instance.dataSet, source };
}

function keyOf({ studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid }: IncomingInstance) {
  return { studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid };
}

export function refused(
  { sopClassUid, sopInstanceUid }: Pick<IncomingInstance, 'sopClassUid' | 'sopInstanceUid'>,
  reason: Refused['reason'],
  what: string,
): StoreOutcome {
  return { status: 'refused', reason, what, sopClassUid, sopInstanceUid };
}

export function duplicate(instance: IncomingInstance): StoreOutcome {
  return refused(instance, 'duplicate instance', 'other bytes are stored under this SOP Instance UID; they stay');
}

/** What the study says already stays: the first instance decides. */
function warningsOf(instance: IncomingInstance, { patientId }: Known): string[] {
  const own = textOf(instance.dataSet, '00100020') ?? null;
  return own === patientId ? [] : ['PatientID differs from that of the study; the first one stays in the index'];
}

function refusalOf(error: unknown, { instance }: Arrival): StoreOutcome {
  const code = error instanceof VesaliusError ? error.code : (error as { code?: string }).code;
  const full = code === 'SQLITE_FULL' || code === 'DISK_FULL' || code === '53100';
  return refused(
    instance,
    full ? 'out of resources' : 'processing failure',
    full ? 'the index has no room' : 'the index could not be written',
  );
}
