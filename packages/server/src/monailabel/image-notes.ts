import type { Database } from '../store/database.ts';
import type { MonailabelTables } from './tables.ts';

type Info = Readonly<Record<string, unknown>>;

/** What is known of a series besides the archive. */
export interface ImageNote {
  /** As the client calls it. */
  readonly name?: string;
  readonly info: Info;
}

export interface ImageNotes {
  /** By series. */
  all(): Promise<ReadonlyMap<string, ImageNote>>;
  get(series: string): Promise<ImageNote | undefined>;
  /** The series that clients know by a name. */
  named(name: string): Promise<readonly string[]>;
  /** Gives a name, which no other series keeps, and what the client said. */
  keep(series: string, note: ImageNote): Promise<void>;
  addInfo(series: string, info: Info): Promise<Info>;
}

export function openImageNotes(database: Database): ImageNotes {
  const tables = database.tables<MonailabelTables>();
  const noteOf = ({ name, info }: MonailabelTables['monailabel_image']): ImageNote => ({
    ...(name === null ? {} : { name }),
    info: JSON.parse(info) as Info,
  });
  const get = async (series: string) => {
    const row = await tables.selectFrom('monailabel_image').selectAll().where('series', '=', series).executeTakeFirst();
    return row && noteOf(row);
  };
  const write = async (series: string, { name, info }: ImageNote) => {
    const change = { name: name ?? null, info: JSON.stringify(info) };
    await tables
      .insertInto('monailabel_image')
      .values({ series, ...change })
      .onConflict((conflict) => conflict.column('series').doUpdateSet(change))
      .execute();
  };
  return {
    get,
    all: async () =>
      new Map(
        (await tables.selectFrom('monailabel_image').selectAll().execute()).map((row) => [row.series, noteOf(row)]),
      ),
    named: async (name) =>
      (await tables.selectFrom('monailabel_image').select('series').where('name', '=', name).execute()).map(
        (row) => row.series,
      ),
    keep: async (series, note) => {
      if (note.name !== undefined)
        await tables.updateTable('monailabel_image').set({ name: null }).where('name', '=', note.name).execute();
      await write(series, note);
    },
    addInfo: async (series, info) => {
      const note = await get(series);
      const added = { ...note?.info, ...info };
      await write(series, { ...note, info: added });
      return added;
    },
  };
}
