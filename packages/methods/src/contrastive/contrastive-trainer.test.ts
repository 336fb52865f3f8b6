import { ops as $, Random, type Tensor } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { createCachedTrainer } from './cached-gradients.ts';
import { alignFilm, type Films, filmCount, frameOf, UNMOVED } from './coarse-alignment.ts';
import { ntXent } from './contrastive-losses.ts';
import { CONTRASTIVE_METHODS, createContrastiveTrainer } from './contrastive-trainer.ts';
import { filmEncoder, projector } from './film-encoder.ts';
import { drawViews, plainViews } from './film-views.ts';

const SIDE = 40;
const SIZE = 32;

/** Two dark ellipses and a bright one between them, moved and scaled a little in each. */
function films(count: number): Films & { readonly centres: readonly (readonly [number, number])[] } {
  const random = new Random('films');
  const pixels = new Uint8Array(count * SIDE * SIDE);
  const centres = Array.from(
    { length: count },
    () => [random.uniform(0.42, 0.58), random.uniform(0.42, 0.58)] as const,
  );
  for (const [n, [cx, cy]] of centres.entries())
    for (let i = 0; i < SIDE * SIDE; i++) {
      const [x, y] = [((i % SIDE) + 0.5) / SIDE - cx, (Math.floor(i / SIDE) + 0.5) / SIDE - cy];
      const lung = Math.min(((x - 0.2) / 0.12) ** 2 + (y / 0.3) ** 2, ((x + 0.2) / 0.12) ** 2 + (y / 0.3) ** 2);
      const heart = ((x - 0.06) / 0.12) ** 2 + ((y - 0.15) / 0.12) ** 2;
      const value = heart < 1 ? 220 : lung < 1 ? 50 : 150;
      pixels[n * SIDE * SIDE + i] = value + random.uniform(-15, 15);
    }
  return { pixels, side: SIDE, patients: centres.map((_, i) => `patient ${i}`), centres };
}

const all = films(24);
const placements = Array.from({ length: 24 }, (_, i) => alignFilm(all, i, frameOf(all)));

test('coarse alignment finds how far films are moved', () => {
  const shifts = placements.map(({ scale, shift }) => shift[0] + scale[0] / 2);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [ms, mc] = [mean(shifts), mean(all.centres.map(([x]) => x))];
  const errors = shifts.map((shift, i) => Math.abs(shift - ms - ((all.centres[i]?.[0] ?? 0) - mc)));
  expect(mean(errors)).toBeLessThan(0.025);
});

test('places of two views on the grid are the same place of the frame', () => {
  const random = new Random(5);
  const still = {
    ...all,
    pixels: all.pixels.map((_, i) => Math.round(2 * (i % SIDE) + 3 * Math.floor((i % (SIDE * SIDE)) / SIDE))),
  };
  const batch = drawViews(still, [0, 1], random, {
    batchSize: 2,
    size: SIZE,
    placements: placements.map(() => UNMOVED),
    placeCount: 30,
  });
  const { first = [], second = [], apart, alike } = batch.places ?? {};
  const at = (cell: number): number[] => [cell % 8, Math.floor(cell / 8)];
  const moves = first.map((cell, k) =>
    at(cell)
      .map((value, axis) => value - (at(second[k] ?? 0)[axis] ?? 0))
      .join(),
  );
  expect(new Set(moves).size).toBe(1);
  expect(apart?.[0]).toBe(0);
  expect(alike?.length).toBe(60);
  expect(plainViews(all, SIZE)).toHaveLength(filmCount(all) * SIZE * SIZE);
});

for (const method of CONTRASTIVE_METHODS)
  test(`${method} goes on after a stop as if it had not stopped`, async () => {
    const setup = { method, batchSize: 8, size: SIZE, encoder: { channels: [8, 16, 16] as const }, placeCount: 16 };
    const batchOf = (step: number) => {
      const random = new Random('views').fork(step);
      const chosen = Array.from({ length: 8 }, (_, i) => (i * 3 + step) % 24);
      return drawViews(all, chosen, random, { ...setup, ...(method === 'anatomy' && { placements }) });
    };
    const run = async (trainer: Awaited<ReturnType<typeof createContrastiveTrainer>>, from: number, to: number) => {
      const losses: number[] = [];
      for (let step = from; step <= to; step++)
        losses.push(await trainer.step(batchOf(step), { step, learningRate: 2e-3 }));
      return losses;
    };
    const trainer = await createContrastiveTrainer(setup, { seed: 1, threads: 1 });
    const losses = await run(trainer, 1, 8);
    const kept = trainer.states();
    const rest = await run(trainer, 9, 16);
    const again = await createContrastiveTrainer(setup, { seed: 2, threads: 1 });
    again.restore(kept);
    expect(await run(again, 9, 16)).toEqual(rest);
    expect(again.weights()).toEqual(trainer.weights());
    if (method === 'simclr' || method === 'anatomy') expect(rest.at(-1)).toBeLessThan(losses[0] as number);
    await Promise.all([trainer.close(), again.close()]);
  });

test('a step in parts equals one on the whole batch', async () => {
  const network = (scope: Parameters<typeof filmEncoder>[0], x: Tensor): Tensor =>
    projector(scope.child('projector'), filmEncoder(scope.child('encoder'), x, { channels: [8, 8, 8] }).pooled);
  const loss = (embeddings: Tensor): Tensor => {
    const [a, b] = $.split(embeddings, [6, 6], 0) as [Tensor, Tensor];
    return ntXent(a, b, { temperature: 0.2 });
  };
  const images = new Random(3).fillNormal(new Float32Array(12 * SIZE * SIZE));
  const after = async (chunkSize: number) => {
    const setup = { network, loss, imageShape: [1, SIZE, SIZE], batchSize: 12, chunkSize };
    const trainer = await createCachedTrainer(setup, { seed: 4, threads: 1 });
    const losses = [];
    for (const step of [1, 2]) losses.push(await trainer.step(images, { step, learningRate: 1e-3 }));
    const weights = trainer.weights();
    await trainer.close();
    return { losses, weights };
  };
  const [whole, parts] = [await after(12), await after(3)];
  expect(parts.losses[1]).toBeCloseTo(whole.losses[1] as number, 4);
  const differences = [...whole.weights].map(([name, values]) =>
    Math.max(...values.map((value, i) => Math.abs(value - (parts.weights.get(name)?.[i] ?? 9)))),
  );
  expect(Math.max(...differences)).toBeLessThan(2e-4);
  expect((whole.losses[0] as number) > 0).toBe(true);
});
