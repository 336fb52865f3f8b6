import { randomUUID } from 'node:crypto';
import { readDicom, readSeries } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { readVolume, type Volume } from '@vesalius/volume';
import { Refusal } from '../http/refusal.ts';
import type { Database } from '../store/database.ts';
import { isVolumeFile } from '../store/instances-of-volume.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { FormFile } from './read-form.ts';
import type { MonailabelTables, SessionRow } from './tables.ts';

interface StoredFile {
  readonly name: string;
  readonly key: string;
}

interface NewSession {
  readonly files: readonly Pick<FormFile, 'name' | 'bytes'>[];
  readonly principal: string;
  readonly project: string;
  /** 0: as long as is granted. */
  readonly expirySeconds: number;
}

/** Images that a person works on without putting them into the archive; they go when nobody asks for them any more. */
export interface ImageSessions {
  create(session: NewSession): Promise<SessionRow>;
  /** Whose session it is, asked again or not. @throws NOT_FOUND */
  get(id: string, principal: string, use?: boolean): Promise<SessionRow>;
  remove(id: string, principal: string): Promise<SessionRow>;
  files(session: SessionRow): Promise<readonly Pick<FormFile, 'name' | 'bytes'>[]>;
  /** @throws as `readVolume` and `readSeries` */
  volume(session: SessionRow): Promise<Volume>;
  removeExpired(): Promise<void>;
}

/** The most that MONAI Label grants without being told otherwise. */
const LONGEST_SECONDS = 3600;

export function openSessions(database: Database, objects: ObjectStore): ImageSessions {
  const tables = database.tables<MonailabelTables>();

  const drop = async (session: SessionRow) => {
    await tables.deleteFrom('monailabel_session').where('id', '=', session.id).execute();
    for (const { key } of filesOf(session)) await objects.remove(key);
  };
  const get = async (id: string, principal: string): Promise<SessionRow> => {
    const row = await tables
      .selectFrom('monailabel_session')
      .selectAll()
      .where('id', '=', id)
      .where('principal', '=', principal)
      .executeTakeFirst();
    if (row !== undefined && !isExpired(row)) return row;
    if (row !== undefined) await drop(row);
    throw new Refusal('NOT_FOUND', { what: 'session', expected: 'one that is yours and has not expired' });
  };
  const files = async (session: SessionRow) =>
    Promise.all(filesOf(session).map(async ({ name, key }) => ({ name, bytes: await objects.read(key) })));

  return {
    files,
    create: async ({ files: sent, principal, project, expirySeconds }) => {
      const id = randomUUID();
      const stored: StoredFile[] = [];
      for (const [i, { name, bytes }] of sent.entries())
        stored.push({ name, key: await kept(objects, `monailabel/sessions/${id}/${i}`, bytes) });
      const now = new Date().toISOString();
      const row = {
        ...{ id, principal, project, files: JSON.stringify(stored), created_at: now, used_at: now },
        expiry_seconds: Math.min(expirySeconds || LONGEST_SECONDS, LONGEST_SECONDS),
      };
      await tables.insertInto('monailabel_session').values(row).execute();
      return row;
    },
    get: async (id, principal, use = true) => {
      const row = await get(id, principal);
      if (!use) return row;
      const used_at = new Date().toISOString();
      await tables.updateTable('monailabel_session').set({ used_at }).where('id', '=', id).execute();
      return { ...row, used_at };
    },
    remove: async (id, principal) => {
      const row = await get(id, principal);
      await drop(row);
      return row;
    },
    volume: async (session) => volumeOfFiles(await files(session)),
    removeExpired: async () => {
      for (const row of await tables.selectFrom('monailabel_session').selectAll().execute())
        if (isExpired(row)) await drop(row);
    },
  };
}

/** A NIfTI or NRRD file, or the DICOM files of a series. @throws FILE_UNSUPPORTED, as `readVolume` and `readSeries` */
export async function volumeOfFiles(files: readonly Pick<FormFile, 'name' | 'bytes'>[]): Promise<Volume> {
  const [first] = files;
  if (first !== undefined && files.length === 1 && isVolumeFile(first.name)) return readVolume(first.bytes, first.name);
  const { volumes, refused } = await readSeries(await Promise.all(files.map(({ bytes }) => readDicom(bytes))));
  const [largest] = volumes;
  if (largest !== undefined) return largest.volume;
  throw refused[0]?.reason ?? new VesaliusError('FILE_UNSUPPORTED', { what: 'files without a volume in them' });
}

/** As clients read it; nothing of where the server keeps it. */
export function shownSession(session: SessionRow): object {
  const names = filesOf(session).map(({ name }) => name);
  return {
    name: session.id,
    path: `session/${session.id}`,
    image: names.length === 1 ? names[0] : session.id,
    meta: {},
    create_ts: secondsOf(session.created_at),
    last_access_ts: secondsOf(session.used_at),
    expiry: session.expiry_seconds,
  };
}

function filesOf({ files }: SessionRow): readonly StoredFile[] {
  return JSON.parse(files) as StoredFile[];
}

function isExpired({ used_at, expiry_seconds }: SessionRow): boolean {
  return Date.parse(used_at) + expiry_seconds * 1000 < Date.now();
}

function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}

async function kept(objects: ObjectStore, key: string, bytes: Uint8Array): Promise<string> {
  const pending = await objects.begin();
  try {
    await pending.write(bytes);
    await pending.commit(key);
    return key;
  } finally {
    await pending.discard();
  }
}
