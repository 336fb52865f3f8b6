import { writeFileSync } from 'node:fs';
import { Random, writeSafetensors } from '@vesalius/engine';

const SIDE = 10;
export const SHAPE = `1,${SIDE},${SIDE}`;

/** Writes small images, of which those of class 1 are brighter in the middle; each seed is another hospital. */
export function writeImages(file: string, seed: number, count = 80): string {
  const random = new Random(seed);
  const labels = Uint8Array.from({ length: count }, (_, n) => n % 2);
  const images = Float32Array.from({ length: count * SIDE * SIDE }, (_, i) => {
    const n = Math.floor(i / (SIDE * SIDE));
    const inside = i % SIDE > 2 && i % SIDE < 6;
    return random.normal() + (labels[n] ?? 0) * (inside ? 1.5 : 0);
  });
  const tensors = new Map([
    ['images', { shape: [count, SIDE, SIDE], dtype: 'float32' as const, data: images }],
    ['labels', { shape: [count], dtype: 'uint8' as const, data: labels }],
  ]);
  writeFileSync(file, writeSafetensors(tensors));
  return file;
}
