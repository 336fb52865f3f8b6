import { resolve } from 'node:path';
import { writeChestPhantoms, writePhantoms } from '../datasets/write-phantoms.ts';
import { showProgress } from '../run/progress.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { PHANTOM_OPTIONS } from './phantom.ts';

/** Writes made-up scans. */
export async function runPhantom(
  { positionals: [out = ''], options: { cases, seed, kind } }: CommandArguments<typeof PHANTOM_OPTIONS>,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  const progress = showProgress(stderr, { label: 'Writing phantoms', json });
  const write = kind === 'chest' ? writeChestPhantoms : writePhantoms;
  await write(resolve(cwd, out), { cases, seed, signal, onProgress: progress.update });
  progress.finish();
  stdout.write(json ? `${JSON.stringify({ folder: out, cases, seed })}\n` : `${cases} made-up scans in ${out}\n`);
}
