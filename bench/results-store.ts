import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { ROOT } from '../tools/root.ts';

export interface ResultsOptions {
  /** bench/results/<name>.csv, or a path that ends with .csv. */
  readonly name: string;
  /** Numbers of each row, after the name of its case. */
  readonly columns: readonly string[];
  /** Globs of git-tracked files that decide the numbers, or files themselves, from the repository's root. */
  readonly sources: readonly string[];
  /** Files and folders of data that decide the numbers. */
  readonly data?: readonly string[];
}

/** One measured case, with the hashes of the code and the data that gave it. */
export interface ResultRow {
  readonly case: string;
  readonly values: Record<string, number>;
  readonly codeHash: string;
  readonly dataHash: string;
}

/**
 * Rows of one measurement, kept as they are measured: a run that was stopped goes on where it was.
 *
 *     const results = openResults({ name: 'a3-dice', columns: ['dice'], sources: ['packages/engine/src/**'], data: [folder] });
 *     for (const name of cases) if (!results.has(name)) results.append(name, { dice: await score(name) });
 */
export interface Results {
  /** True where this code and this data have measured the case. */
  has(name: string): boolean;
  append(name: string, values: Record<string, number>): void;
  /** The rows that this code and this data gave. */
  current(): ResultRow[];
  /** The latest row of each case that this data gave, under whatever code. */
  earlier(): ResultRow[];
  /** Every row, and whether code or data have changed since. */
  recheck(): (ResultRow & { readonly stale: readonly ('code' | 'data')[] })[];
}

/**
 * Opens (or starts) a results file; hashes the sources and the data once.
 *
 * @throws FILE_FORMAT when the file has other columns
 * @throws FILE_NOT_FOUND when a data path does not exist or the globs name no tracked file
 */
export function openResults({ name, columns, sources, data = [] }: ResultsOptions): Results {
  const path = name.endsWith('.csv') ? name : join(ROOT, 'bench/results', `${name}.csv`);
  const header = ['case', ...columns, 'codeHash', 'dataHash'].join(',');
  const codeHash = hashSources(sources);
  const dataHash = hashData(data);
  startFile(path, header);
  const rows = readRows(path, header, columns);
  const current = () => rows.filter((row) => row.codeHash === codeHash && row.dataHash === dataHash);
  return {
    has: (wanted) => current().some((row) => row.case === wanted),
    current,
    append(wanted, values) {
      if (/[,\n]/.test(wanted))
        throw new VesaliusError('INVALID_ARGUMENT', { what: 'comma in the name of a case', got: wanted });
      const row = { case: wanted, values, codeHash, dataHash };
      appendFileSync(
        path,
        `${[wanted, ...columns.map((column) => values[column] ?? Number.NaN), codeHash, dataHash].join(',')}\n`,
      );
      rows.push(row);
    },
    earlier: () => [...new Map(rows.filter((row) => row.dataHash === dataHash).map((row) => [row.case, row])).values()],
    recheck: () =>
      rows.map((row) => {
        const stale: ('code' | 'data')[] = [];
        if (row.codeHash !== codeHash) stale.push('code');
        if (row.dataHash !== dataHash) stale.push('data');
        return { ...row, stale };
      }),
  };
}

function startFile(path: string, header: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  // A run killed while writing leaves half a row: the next one must not be glued to it.
  const start = text === '' ? `${header}\n` : text.endsWith('\n') ? '' : '\n';
  appendFileSync(path, start);
}

function readRows(path: string, header: string, columns: readonly string[]): ResultRow[] {
  const [first = '', ...lines] = readFileSync(path, 'utf8').split('\n');
  if (first !== header)
    throw new VesaliusError('FILE_FORMAT', { what: 'columns', got: first, expected: header, file: path });
  const whole = lines.map((line) => line.split(',')).filter((cells) => cells.length === columns.length + 3);
  return whole.map((cells) => ({
    case: cells[0] ?? '',
    values: Object.fromEntries(columns.map((column, i) => [column, Number(cells[i + 1])])),
    codeHash: cells.at(-2) ?? '',
    dataHash: cells.at(-1) ?? '',
  }));
}

/** Hash over what the globs' tracked files hold now, 12 hex digits: an edit changes it before it is committed. */
export function hashSources(globs: readonly string[]): string {
  const files = new Set(globs.flatMap(trackedFiles));
  return hashFiles([...files].sort().map((file) => ({ label: file, path: join(ROOT, file) })));
}

/** git knows no braces: a glob that names nothing would leave the code it means out of the hash. */
function trackedFiles(glob: string): string[] {
  if (!glob.includes('*') && existsSync(join(ROOT, glob))) return [glob];
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--', `:(glob)${glob}`], { cwd: ROOT, encoding: 'utf8' });
  const files = stdout.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
  if (files.length === 0) throw new VesaliusError('FILE_NOT_FOUND', { what: 'tracked sources', got: glob });
  return files;
}

/** Hash over files and folders of data, by their names below the path given, 12 hex digits. */
export function hashData(paths: readonly string[]): string {
  return hashFiles(paths.flatMap(filesBelow));
}

function filesBelow(path: string): { label: string; path: string }[] {
  if (!existsSync(path)) throw new VesaliusError('FILE_NOT_FOUND', { what: 'data to measure on', file: path });
  if (statSync(path).isFile()) return [{ label: '', path }];
  const names = globSync('**', { cwd: path }).sort();
  return names.map((label) => ({ label, path: join(path, label) })).filter((file) => statSync(file.path).isFile());
}

function hashFiles(files: readonly { label: string; path: string }[]): string {
  const hash = createHash('sha256');
  for (const { label, path } of files)
    hash.update(`${label}\0`).update(createHash('sha256').update(readFileSync(path)).digest());
  return hash.digest('hex').slice(0, 12);
}
