import { spawnSync } from 'node:child_process';
import { chownSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import pg from 'pg';

/** A PostgreSQL server of its own. */
export interface PostgresUnderTest {
  /** Of a new, empty database. */
  createDatabase(): Promise<string>;
  stop(): void;
}

/** Where Debian keeps the programs of the server; nothing where it is not installed. */
export const POSTGRES_PROGRAMS = globSync('/usr/lib/postgresql/*/bin/initdb').map(dirname).at(-1);

/** Starts a server in a temporary folder on a free port of 127.0.0.1. */
export async function startPostgres(): Promise<PostgresUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-postgres-'));
  const port = await freePort();
  const asRoot = process.getuid?.() === 0;
  if (asRoot) {
    const id = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
    chownSync(folder, id('-u'), id('-g'));
  }
  const run = (program: string, ...args: string[]): void => {
    const command = [join(POSTGRES_PROGRAMS ?? '', program), ...args];
    // Its server refuses to run as root.
    const whole = asRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    const [name = '', ...rest] = whole;
    const { status, stderr } = spawnSync(name, rest, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    if (status !== 0) throw new VesaliusError('DEPENDENCY_MISSING', { what: program, got: String(stderr).slice(-300) });
  };
  const data = join(folder, 'data');
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync');
  // What it stores is thrown away: nothing needs to outlive the loss of power.
  const settings = `-c fsync=off -h 127.0.0.1 -p ${port} -k ${folder}`;
  run('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', settings, 'start');
  const address = `postgres://postgres@127.0.0.1:${port}`;
  let databases = 0;
  return {
    createDatabase: async () => {
      const name = `archive_${++databases}`;
      const client = new pg.Client(`${address}/postgres`);
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return `${address}/${name}`;
    },
    stop: () => {
      run('pg_ctl', '-D', data, '-w', '-m', 'immediate', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
