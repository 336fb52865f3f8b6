import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { type DatabaseConnection, SqliteAdapter, type SqliteDatabase, SqliteDialect, SqliteDriver } from 'kysely';

const STATEMENTS_KEPT = 500;

/**
 * SQLite whose flushes to disk hold up only those who wait for them. With `synchronous = NORMAL` a commit leaves its pages in the
 * write-ahead file; here whoever changed something is answered when that file is flushed, by a thread, while others go on. One flush
 * serves all who committed before it began.
 *
 * @param file - opened in WAL mode with `synchronous = NORMAL`
 */
export class FlushingSqliteDialect extends SqliteDialect {
  readonly #file: Sqlite.Database;

  constructor(file: Sqlite.Database) {
    super({ database: file as unknown as SqliteDatabase });
    this.#file = file;
  }

  override createDriver(): SqliteDriver {
    return new FlushingDriver(this.#file);
  }

  override createAdapter(): SqliteAdapter {
    return new OwnTurnsAdapter();
  }
}

/** The driver parts the users of its connection itself: Kysely would keep the next one out until the flush. */
class OwnTurnsAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class FlushingDriver extends SqliteDriver {
  readonly #file: Sqlite.Database;
  readonly #statements: Statements;
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;
  #log: FileHandle | undefined;
  #flushing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(file: Sqlite.Database) {
    const statements = new Statements(file);
    super({
      database: {
        prepare: (text: string) => statements.prepare(text),
        close: () => void file.close(),
      } as unknown as SqliteDatabase,
    });
    this.#file = file;
    this.#statements = statements;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    const hasWritten = this.#statements.takeWritten();
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
    if (hasWritten) await this.#flush();
  }

  override async destroy(): Promise<void> {
    await this.#flushing?.catch(() => undefined);
    await super.destroy();
    await this.#log?.close();
  }

  /** A flush that has begun may miss what was committed since: then the next one is waited for, with all who came meanwhile. */
  async #flush(): Promise<void> {
    if (!this.#flushing) {
      this.#flushing = this.#flushNow().finally(() => {
        this.#flushing = undefined;
      });
      return this.#flushing;
    }
    this.#next ??= this.#flushing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#flush();
      });
    return this.#next;
  }

  async #flushNow(): Promise<void> {
    this.#log ??= await openLog(this.#file.name);
    await this.#log.datasync();
  }
}

/** The write-ahead file; that it is there at all survives when its folder is flushed. */
async function openLog(path: string): Promise<FileHandle> {
  const log = await open(`${path}-wal`, 'r+');
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
  return log;
}

/** Prepared statements: to prepare one takes longer than to run it on a few rows. */
class Statements {
  readonly #file: Sqlite.Database;
  readonly #kept = new Map<string, Sqlite.Statement>();
  #hasWritten = false;

  constructor(file: Sqlite.Database) {
    this.#file = file;
  }

  prepare(text: string): Sqlite.Statement {
    const kept = this.#kept.get(text);
    // One that is being read row by row cannot be run a second time meanwhile.
    const statement = kept && !kept.busy ? kept : this.#file.prepare(text);
    // The one that was asked for longest ago stands first, and goes first.
    this.#kept.delete(text);
    this.#kept.set(text, statement);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > STATEMENTS_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    if (!statement.readonly) this.#hasWritten = true;
    return statement;
  }

  /** Whether anything but reading was asked for since the last time. */
  takeWritten(): boolean {
    const hasWritten = this.#hasWritten;
    this.#hasWritten = false;
    return hasWritten;
  }
}
