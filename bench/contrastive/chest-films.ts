import { join } from 'node:path';
import { readFileBytes, sha256 } from '@vesalius/bundle/files';
import { readWeights } from '@vesalius/engine';
import type { Films } from '@vesalius/methods';
import { packFilms } from '../../packages/cli/src/pretraining/pack-films.ts';
import { ROOT } from '../../tools/root.ts';
import { dataFolder } from '../figures/data-folder.ts';

/** Width of a view, and of the films that views are cut from. */
export const SIZE = 64;
const SIDE = 80;
const SMALL = 28;

/** Which part of the measurement a patient belongs to. */
export type Part = 'training' | 'validation' | 'test';

/** Chest films of children with what is known of them, all in memory: 2,682 of 80 x 80. */
export interface ChestFilms extends Films {
  readonly names: readonly string[];
  readonly patients: readonly string[];
  /** 1 for pneumonia. */
  readonly labels: Uint8Array;
  readonly parts: readonly Part[];
}

export const chestFilmsFolder = (): string => join(dataFolder(), 'kermany_cxr_224/images/train');
export const adultFilmsFile = (): string => join(dataFolder(), 'chestmnist28/train20k_val2k.npz');

export async function chestFilms(): Promise<ChestFilms> {
  const packed = await packFilms(chestFilmsFolder(), join(ROOT, '.cache/chest-films'), { side: SIDE });
  const { names } = packed;
  const { pixels } = await packed.read(names.map((_, i) => i));
  await packed.close();
  const patients = names.map(patientOf);
  const labels = Uint8Array.from(names, (name) => (name.startsWith('PNEUMONIA') ? 1 : 0));
  return { pixels, side: SIDE, names, patients, labels, parts: patients.map(partOf) };
}

/** By the numbers in the files' names, as the data's notes say. */
function patientOf(name: string): string {
  const [, person] = /person(\d+)_/.exec(name) ?? [];
  return person === undefined ? `N${/IM-(\d+)/.exec(name)?.[1]}` : `P${person}`;
}

/** A fifth of the patients are tested on, a tenth choose rates; by a hash of the patient, so that the marked films are among the tested. */
function partOf(patient: string): Part {
  const number = Number.parseInt(sha256(patient).slice(0, 8), 16);
  if (number % 5 === 0) return 'test';
  return number % 10 === 1 ? 'validation' : 'training';
}

/** Adult chest films of 28 x 28 made as large as the others. */
export async function adultFilms(count: number): Promise<Uint8Array> {
  const file = adultFilmsFile();
  const all = (await readWeights(await readFileBytes(file), file)).get('train_images')?.data as Uint8Array;
  const out = new Uint8Array(count * SIDE * SIDE);
  for (let n = 0; n < count; n++)
    for (let i = 0; i < SIDE * SIDE; i++) {
      const at = (v: number): number => Math.min(SMALL - 1.001, Math.max(0, ((v + 0.5) / SIDE) * SMALL - 0.5));
      const [x, y] = [at(i % SIDE), at(Math.floor(i / SIDE))];
      const [x0, y0] = [Math.floor(x), Math.floor(y)];
      const pixel = (dx: number, dy: number): number => all[(n * SMALL + y0 + dy) * SMALL + x0 + dx] as number;
      const top = pixel(0, 0) * (1 - x + x0) + pixel(1, 0) * (x - x0);
      const low = pixel(0, 1) * (1 - x + x0) + pixel(1, 1) * (x - x0);
      out[n * SIDE * SIDE + i] = Math.round(top * (1 - y + y0) + low * (y - y0));
    }
  return out;
}

export const filmsOf = (films: ChestFilms, part: Part): number[] =>
  films.parts.flatMap((own, i) => (own === part ? [i] : []));

/** Some of the films, in their order. */
export function takeFilms({ pixels, side }: Films, chosen: readonly number[]): Films {
  const each = side * side;
  const out = new Uint8Array(chosen.length * each);
  for (const [i, film] of chosen.entries()) out.set(pixels.subarray(film * each, (film + 1) * each), i * each);
  return { pixels: out, side };
}
