import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng, Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { createContrastiveTrainer } from '@vesalius/methods';
import { ROOT } from '../../tools/root.ts';
import type { Measure } from '../figure-result.ts';
import { askPeers } from './ask-peers.ts';

const SIZE = 64;
const BATCH = 32;
const FILES = 100_000;
const QUICK_FILES = 500;
const ROUNDS = 4;
const STEPS = 8;
const A_FOLDER = 1000;

interface LoaderAnswer {
  readonly packedPerSecond: number;
  readonly filmsPerSecond: number;
  readonly memoryMB: number;
}

/** Steps of SimCLR beside PyTorch's on the same network, in turns on one thread; and a loader over 100,000 files in a process of its own. */
export const measure: Measure = async ({ quick, log }) => {
  const rounds = quick ? 1 : ROUNDS;
  const views = new Random(1).fillNormal(new Float32Array(2 * BATCH * SIZE * SIZE));
  const batch = {
    first: views.subarray(0, views.length / 2).slice(),
    second: views.subarray(views.length / 2).slice(),
  };
  const trainer = await createContrastiveTrainer(
    { method: 'simclr', batchSize: BATCH, size: SIZE },
    { seed: 0, threads: 1 },
  );
  let taken = 0;
  const cpuOf = async (steps: number): Promise<number> => {
    const before = process.cpuUsage();
    for (let i = 0; i < steps; i++) await trainer.step(batch, { step: ++taken, learningRate: 1e-4 });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  await cpuOf(2);
  let [own, theirs, parameters] = [0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    own += await cpuOf(STEPS);
    const answer = askPeers<{ seconds: number; parameters: number }>('contrastive_step.py', {
      size: SIZE,
      batch: BATCH,
      steps: STEPS,
    });
    theirs += answer.seconds;
    parameters = answer.parameters;
    log(`round ${round}: ours ${own.toFixed(1)} s, PyTorch ${theirs.toFixed(1)} s`);
  }
  const ownParameters = [...trainer.states()].filter(([name]) => /^(encoder|projector)\./.test(name));
  await trainer.close();
  const images = rounds * STEPS * BATCH;
  const files = quick ? QUICK_FILES : FILES;
  const loader = await loaderOver(files, log);
  const figure = {
    parameters: ownParameters.reduce((sum, [, { data }]) => sum + data.length, 0),
    imagesPerSecond: images / own,
    speedRatio: theirs / own,
    'loader.files': files,
    'loader.packedPerSecond': loader.packedPerSecond,
    'loader.filmsPerSecond': loader.filmsPerSecond,
    'loader.overTraining': loader.filmsPerSecond / (images / own),
    'loader.memoryMB': loader.memoryMB,
  };
  for (const [name, value] of Object.entries(figure)) log(`${name} ${value}`);
  return { figure, peer: { imagesPerSecond: images / theirs, parameters } };
};

/** Generated files are as many pictures as asked for, of a few kinds: what is in them does not matter to the loader. */
async function loaderOver(files: number, log: (line: string) => void): Promise<LoaderAnswer> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-films-'));
  try {
    const random = new Random(2);
    const kinds = await Promise.all(
      Array.from({ length: 50 }, () => {
        const data = new Uint8Array(SIZE * SIZE).map((_, i) => ((i % SIZE) * 3 + random.integer(40)) % 256);
        return encodePng({ width: SIZE, height: SIZE, channels: 1, data });
      }),
    );
    for (let n = 0; n < files; n++) {
      const part = join(folder, 'films', String(Math.floor(n / A_FOLDER)));
      if (n % A_FOLDER === 0) mkdirSync(part, { recursive: true });
      writeFileSync(join(part, `${n}.png`), kinds[n % kinds.length] as Uint8Array);
    }
    log(`${files} files written`);
    const script = join(ROOT, 'bench/contrastive/run-loader.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
    if (status !== 0) throw new VesaliusError('RUNTIME_FAILED', { what: script, got: stderr.slice(-300) });
    return JSON.parse(stdout) as LoaderAnswer;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
