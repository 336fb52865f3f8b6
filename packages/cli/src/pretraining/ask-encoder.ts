import { createImageRunner } from '@vesalius/medical';
import { type FilmEncoderOptions, filmEncoder, filmPlaces, type PlaceGrid, plainViews } from '@vesalius/methods';
import type { FilmSource } from './pretrain-encoder.ts';

export interface AskOptions {
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly encoder?: FilmEncoderOptions;
  readonly size: number;
  readonly films: readonly number[];
}

const BATCH = 32;

/** One vector a film, as many numbers as the encoder's last stage has channels. */
export async function filmVectors(
  source: FilmSource,
  { weights, encoder, size, films }: AskOptions,
): Promise<Float32Array[]> {
  const runner = await createImageRunner(
    {
      network: (scope, x) => filmEncoder(scope.child('encoder'), x, encoder).pooled,
      imageShape: [1, size, size],
      batchSize: BATCH,
    },
    { threads: 1 },
  );
  const width = runner.answerShape[0] as number;
  const vectors: Float32Array[] = [];
  for (let from = 0; from < films.length; from += BATCH) {
    const part = films.slice(from, from + BATCH);
    const answers = await runner.run(weights, plainViews(await source.read(part), size));
    for (let i = 0; i < part.length; i++) vectors.push(answers.slice(i * width, (i + 1) * width));
  }
  await runner.close();
  return vectors;
}

/** The places of each film, projected where the encoder was taught by places. */
export async function placeGrids(
  source: FilmSource,
  { weights, encoder, size, films }: AskOptions,
): Promise<PlaceGrid[]> {
  const projected = [...weights.keys()].some((name) => name.startsWith('places.'));
  const runner = await createImageRunner(
    {
      network: (scope, x) => filmPlaces(scope, x, { ...encoder, projected }),
      imageShape: [1, size, size],
      batchSize: 8,
    },
    { threads: 1 },
  );
  const [cells = 1, channels = 1] = runner.answerShape;
  const answers = await runner.run(weights, plainViews(await source.read(films), size));
  await runner.close();
  const each = cells * channels;
  return films.map((_, i) => ({ features: answers.subarray(i * each, (i + 1) * each), wide: Math.sqrt(cells) }));
}
