import { spawnSync } from 'node:child_process';
import { mkdir, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import type { TrainingPlan } from '@vesalius/medical';
import { writeScan } from '../program/tiny-data.ts';
import type { Place } from './bad-input.ts';

export function image(i: number): string {
  return `data/images/case${i}.nii`;
}

export async function cutInHalf(path: string): Promise<void> {
  await truncate(path, Math.floor((await stat(path)).size / 2));
}

export async function flipBit(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

export async function gzipped({ at }: Place): Promise<string> {
  await rm(at(image(0)));
  await writeScan(at(`${image(0)}.gz`), (i) => (i * 7919) % 251);
  return at(`${image(0)}.gz`);
}

export function describe(place: Place, fields: object): Promise<void> {
  const training = [0, 1].map((i) => ({ image: `images/case${i}.nii`, label: `labels/case${i}.nii` }));
  const whole = { modality: { '0': 'MRI' }, labels: { '0': 'background', '1': 'ball' }, training, ...fields };
  return writeFile(place.at('data/dataset.json'), JSON.stringify(whole));
}

export async function changePlan(place: Place, change: (plan: TrainingPlan) => object): Promise<void> {
  const plan = JSON.parse(await readFile(place.at('plan.json'), 'utf8')) as TrainingPlan;
  await writeFile(place.at('plan.json'), JSON.stringify({ ...plan, ...change(plan) }));
}

/** A NIfTI file of 10,000 x 10,000 x 10,000 voxels whose bytes are a hole in the disk, all 4 terabytes of it or some. */
export async function sparseScan(path: string, bytes = 352 + 4e12): Promise<void> {
  await writeScan(path, (i) => i);
  const file = await open(path, 'r+');
  await file.write(new Uint8Array(Int16Array.of(3, 10_000, 10_000, 10_000, 1, 1, 1, 1).buffer), 0, 16, 40);
  await file.close();
  await truncate(path, bytes);
}

export async function namedPipe(path: string): Promise<void> {
  await rm(path);
  run('mkfifo', path);
}

/** A disk of its own under `disk/` with so much room left, in units of 4 KiB. */
export async function smallDisk({ at, onEnd }: Place, pages: number): Promise<void> {
  await mkdir(at('disk'));
  run('mount', '-t', 'tmpfs', '-o', `size=${4 * (pages + 1)}k`, 'tmpfs', at('disk'));
  onEnd(() => run('umount', '-l', at('disk')));
  await writeFile(at('disk/filler'), new Uint8Array(4096));
}

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
