import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ops as $, createNetworkBuilder, initialValues } from '@vesalius/engine';
import { type ContrastiveMethod, type Films, filmEncoder } from '@vesalius/methods';
import { type FilmSource, pretrainEncoder } from '../../packages/cli/src/pretraining/pretrain-encoder.ts';
import { ROOT } from '../../tools/root.ts';
import { hashData, hashSources } from '../results-store.ts';
import {
  adultFilms,
  adultFilmsFile,
  type ChestFilms,
  chestFilmsFolder,
  filmsOf,
  SIZE,
  takeFilms,
} from './chest-films.ts';

/** What decides what an encoder becomes. */
export const TEACHING_SOURCES = [
  'bench/contrastive/chest-films.ts',
  'bench/contrastive/taught-encoders.ts',
  'packages/cli/src/pretraining/pack-films.ts',
  'packages/cli/src/pretraining/pretrain-encoder.ts',
  'packages/methods/src/contrastive/article-loss.ts',
  'packages/methods/src/contrastive/coarse-alignment.ts',
  'packages/methods/src/contrastive/contrastive-losses.ts',
  'packages/methods/src/contrastive/contrastive-trainer.ts',
  'packages/methods/src/contrastive/film-encoder.ts',
  'packages/methods/src/contrastive/film-views.ts',
  'packages/methods/src/contrastive/place-loss.ts',
];

/** Without any teaching, or by one of the methods. */
export type Teaching = 'random' | ContrastiveMethod;

export interface TeachOptions {
  readonly films: ChestFilms;
  readonly teaching: Teaching;
  readonly seed: number;
  readonly quick: boolean;
  readonly log: (line: string) => void;
}

const STEPS = 1200;
const BATCH = 32;
const ADULTS = 4000;
const QUICK = { steps: 4, adults: 40 };

/**
 * An encoder that has seen the training patients' films without labels, and adult films. Its training is kept in .cache every 50 steps and
 * goes on from there.
 */
export async function taughtEncoder({
  films,
  teaching,
  seed,
  quick,
  log,
}: TeachOptions): Promise<Map<string, Float32Array>> {
  if (teaching === 'random') return randomEncoder(seed);
  const steps = quick ? QUICK.steps : STEPS;
  const source = await unlabelled(films, quick ? QUICK.adults : ADULTS);
  const data = `${hashSources(TEACHING_SOURCES)} ${hashData([chestFilmsFolder(), adultFilmsFile()])}`;
  const folder = join(ROOT, '.cache/contrastive');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${teaching}-${seed}-${steps}-${data.replace(' ', '-')}.safetensors`);
  if (!existsSync(file)) log(`${teaching}, seed ${seed}: ${steps} steps`);
  const { weights } = await pretrainEncoder(source, {
    setup: { method: teaching, size: SIZE, batchSize: BATCH },
    steps,
    seed,
    threads: 1,
    checkpoint: { file, everySteps: 50, data },
    onStep: (step, loss) => {
      if (step % 100 === 0) log(`${teaching}, seed ${seed}: step ${step}, loss ${loss.toFixed(4)}`);
    },
  });
  return weights;
}

function randomEncoder(seed: number): Map<string, Float32Array> {
  const { scope, variables } = createNetworkBuilder();
  filmEncoder(scope.child('encoder'), $.input('image', [1, 1, SIZE, SIZE]));
  return new Map([...initialValues(variables(), seed)].map(([name, { data }]) => [name, data as Float32Array]));
}

async function unlabelled(films: ChestFilms, adults: number): Promise<FilmSource> {
  const own = takeFilms(films, filmsOf(films, 'training'));
  const others = await adultFilms(adults);
  const pixels = new Uint8Array(own.pixels.length + others.length);
  pixels.set(own.pixels);
  pixels.set(others, own.pixels.length);
  return sourceOf({ pixels, side: films.side });
}

/** Films that are in memory. */
export function sourceOf(films: Films): FilmSource {
  return {
    count: films.pixels.length / films.side ** 2,
    read: (chosen) => Promise.resolve(takeFilms(films, chosen)),
  };
}
