import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256, writeFileAtomic } from '@vesalius/bundle/files';
import { createImageRunner, fitTransformer, IMAGENET_COLOURS, visionTransformer } from '@vesalius/medical';
import type { PlaceGrid } from '@vesalius/methods';
import { readFilm } from '../../packages/cli/src/pretraining/pack-films.ts';
import { ROOT } from '../../tools/root.ts';
import { dinov2Onnx, transformerOf } from '../pretrained/published-weights.ts';
import { chestFilmsFolder } from './chest-films.ts';

const SIDE = 224;
const WIDE = SIDE / 14;

/** What DINOv2 makes of a film. */
export interface DinoFeatures {
  /** The class token beside the mean of the others. */
  readonly vector: Float32Array;
  readonly places: PlaceGrid;
}

/** Of films by name; kept in .cache film by film, so that a stopped run goes on. */
export async function dinoFeatures(names: readonly string[], log: (line: string) => void): Promise<DinoFeatures[]> {
  const { options, weights } = transformerOf(await dinov2Onnx());
  const fitted = fitTransformer(weights, { grid: [WIDE, WIDE], channels: 3 });
  const runner = await createImageRunner(
    { network: (scope, x) => visionTransformer(scope, x, options), imageShape: [3, SIDE, SIDE], batchSize: 1 },
    { threads: 1 },
  );
  const folder = join(ROOT, '.cache/dinov2-films');
  mkdirSync(folder, { recursive: true });
  const features: DinoFeatures[] = [];
  for (const [i, name] of names.entries()) {
    const file = join(folder, sha256(name).slice(0, 16));
    if (!existsSync(file)) {
      const tokens = await runner.run(fitted, await colours(join(chestFilmsFolder(), name)));
      await writeFileAtomic(file, new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength));
      if (i % 50 === 0) log(`DINOv2: film ${i} of ${names.length}`);
    }
    features.push(featuresOf(new Float32Array(Uint8Array.from(readFileSync(file)).buffer), options.hiddenSize));
  }
  await runner.close();
  return features;
}

async function colours(file: string): Promise<Float32Array> {
  const grey = await readFilm(file, SIDE);
  const out = new Float32Array(3 * grey.length);
  for (const [c, mean] of IMAGENET_COLOURS.mean.entries())
    for (const [i, value] of grey.entries())
      out[c * grey.length + i] = (value / 255 - mean) / (IMAGENET_COLOURS.deviation[c] as number);
  return out;
}

function featuresOf(tokens: Float32Array, width: number): DinoFeatures {
  const patches = tokens.subarray(width);
  const vector = new Float32Array(2 * width);
  vector.set(tokens.subarray(0, width));
  const features = new Float32Array(patches.length);
  for (let cell = 0; cell < WIDE * WIDE; cell++) {
    const row = patches.subarray(cell * width, (cell + 1) * width);
    const length = Math.hypot(...row);
    for (let c = 0; c < width; c++) {
      features[cell * width + c] = (row[c] as number) / length;
      vector[width + c] = (vector[width + c] as number) + (row[c] as number) / (WIDE * WIDE);
    }
  }
  return { vector, places: { features, wide: WIDE } };
}
