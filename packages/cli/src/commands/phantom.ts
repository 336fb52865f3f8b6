import { resolve } from 'node:path';
import { writePhantoms } from '../datasets/write-phantoms.ts';
import { showProgress } from '../run/progress.ts';
import { defineCommand } from './command.ts';

export const phantom = defineCommand({
  name: 'phantom',
  summary: 'write made-up head scans with labels, to try things out',
  usage: 'OUT',
  details: 'Labels: 1 brain, 2 ventricles, 3 lesion. The same seed gives the same scans.',
  options: {
    cases: {
      type: 'number',
      value: 'N',
      summary: 'how many',
      default: 24,
      minimum: 1,
      maximum: 100_000,
      integer: true,
    },
    seed: { type: 'number', value: 'N', summary: 'which', default: 0, minimum: 0, integer: true },
  },
  async run({ positionals: [out = ''], options: { cases, seed } }, { stdout, stderr, signal, json, cwd }) {
    const progress = showProgress(stderr, { label: 'Writing phantoms', json });
    await writePhantoms(resolve(cwd, out), { cases, seed, signal, onProgress: progress.update });
    progress.finish();
    stdout.write(json ? `${JSON.stringify({ folder: out, cases, seed })}\n` : `${cases} made-up scans in ${out}\n`);
  },
});
