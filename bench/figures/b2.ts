import { fork } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../tools/root.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';
import { PLANTED } from '../fuzz/planted.ts';
import type { FuzzProgress } from '../fuzz/worker.ts';
import { openResults } from '../results-store.ts';
import { dataFolder } from './data-folder.ts';

const MUTATIONS = { files: 20_000, pdus: 50_000, bodies: 30_000 } as const;
const STRETCH = 2_500;
/** Without a word for so long by the clock a worker hangs; within, its CPU time is what counts: the machine may be busy. */
const SILENCE_MS = 60_000;
/** Of the worker's heap; what lies beside it is measured. */
const HEAP_MEBIBYTES = 512;

const NOTHING: FuzzProgress = { at: 0, refused: 0, crashes: 0, slowestSeconds: 0, leaks: 0, peakMebibytes: 0 };

/** Mutated files, PDU streams and multipart bodies, each stretch in a process that is watched from outside. */
export async function measure({ quick, log }: FigureOptions): Promise<FigureResult> {
  const results = openResults({
    name: quick ? join(ROOT, '.cache/b2-quick.csv') : 'b2',
    columns: ['mutations', 'refused', 'crashes', 'slowestSeconds', 'leaks', 'peakMebibytes'],
    sources: [
      'packages/dicom/src/**',
      'packages/dicom-network/src/pdu/*',
      'packages/dicom-network/src/dimse/*',
      'packages/server/src/dicomweb/multipart/*',
      'bench/fuzz/*',
    ],
    data: [join(dataFolder(), 'dicom_files.zip')],
  });
  for (const [door, all] of Object.entries(MUTATIONS)) {
    const total = quick ? STRETCH / 5 : all;
    for (let first = 0; first < total; first += STRETCH) {
      const name = `${door}-${first}`;
      if (results.has(name)) continue;
      const count = Math.min(STRETCH, total - first);
      const { at, ...found } = await stretch(door, first, count, log);
      results.append(name, { ...found, mutations: at - first });
      log(`${name}: ${JSON.stringify(found)}`);
    }
  }
  const rows = results.current().map(({ values }) => values);
  const sum = (column: string): number => rows.reduce((total, row) => total + (row[column] ?? 0), 0);
  const most = (column: string): number => Math.max(...rows.map((row) => row[column] ?? 0));
  return {
    figure: {
      mutations: sum('mutations'),
      refused: sum('refused'),
      crashes: sum('crashes'),
      leaks: sum('leaks'),
      slowestSeconds: most('slowestSeconds'),
      peakMebibytes: most('peakMebibytes'),
    },
    peer: {},
  };
}

/** Goes on behind a mutation that ended or hung the worker, which counts as a crash. */
async function stretch(door: string, first: number, count: number, log: FigureOptions['log']): Promise<FuzzProgress> {
  let total: FuzzProgress = { ...NOTHING, at: first };
  while (total.at < first + count) {
    const { progress, output, ended } = await runWorker([door, String(total.at), String(first + count - total.at)]);
    if (output !== '') log(output.slice(0, 2000));
    const leaks = PLANTED.some((word) => output.includes(word)) ? 1 : 0;
    total = {
      at: ended ? progress.at : progress.at + 1,
      refused: total.refused + progress.refused,
      crashes: total.crashes + progress.crashes + (ended ? 0 : 1),
      leaks: total.leaks + progress.leaks + leaks,
      slowestSeconds: Math.max(total.slowestSeconds, progress.slowestSeconds),
      peakMebibytes: Math.max(total.peakMebibytes, progress.peakMebibytes),
    };
  }
  return total;
}

interface WorkerEnd {
  readonly progress: FuzzProgress;
  /** All it printed. */
  readonly output: string;
  /** False where it was ended, by itself or for its silence. */
  readonly ended: boolean;
}

function runWorker(args: readonly string[]): Promise<WorkerEnd> {
  const child = fork(join(ROOT, 'bench/fuzz/worker.ts'), args, {
    execArgv: [`--max-old-space-size=${HEAP_MEBIBYTES}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let progress: FuzzProgress = { ...NOTHING, at: Number(args[1]) };
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += String(data)));
  const silence = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
  child.on('message', (message) => {
    progress = message as FuzzProgress;
    silence.refresh();
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(silence);
      resolve({ progress, output, ended: code === 0 });
    });
  });
}
