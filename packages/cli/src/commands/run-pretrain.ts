import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sha256, writeFileAtomic } from '@vesalius/bundle/files';
import { type WeightMap, writeSafetensors } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { ContrastiveMethod } from '@vesalius/methods';
import { filmVectors, placeGrids } from '../pretraining/ask-encoder.ts';
import { embeddingPage } from '../pretraining/embedding-page.ts';
import { type PackedFilms, packFilms } from '../pretraining/pack-films.ts';
import { type FilmSource, type Pretrained, pretrainEncoder } from '../pretraining/pretrain-encoder.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { PRETRAIN_OPTIONS } from './pretrain.ts';

/** Room around a view in the common frame. */
const FRAME = 1.25;
const SAID_EVERY = 50;
const KEPT_EVERY = 200;
const PLACED = 12;

/** Teaches an encoder and writes it beside its embedding browser. */
export async function runPretrain(
  { positionals: [data, target], options }: CommandArguments<typeof PRETRAIN_OPTIONS>,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  if (data === undefined || target === undefined)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'pretrain', got: 'no folders', expected: 'FILMS OUT' });
  const { size, steps, seed, batch, threads = 2 } = options;
  if (size % 8 !== 0)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'size', got: size, expected: 'a multiple of 8' });
  const out = resolve(cwd, target);
  await mkdir(out, { recursive: true });
  const say = (text: string): void => void stderr.write(`${text}\n`);
  const packed = await packFilms(resolve(cwd, data), join(out, 'films'), {
    side: size * FRAME,
    signal,
    onProgress: (done, count) => {
      if (done % 1024 === 0 || done === count) say(`films ${done} of ${count}`);
    },
  });
  try {
    const source = { count: packed.names.length, read: (films: readonly number[]) => packed.read(films) };
    const method = options.method as ContrastiveMethod;
    const trained = await pretrainEncoder(source, {
      setup: { method, size, batchSize: Math.min(batch, source.count) },
      steps,
      seed,
      threads,
      signal,
      checkpoint: {
        file: join(out, 'checkpoint.safetensors'),
        everySteps: KEPT_EVERY,
        data: sha256(packed.names.join('\n')),
      },
      onStep: (step, loss) => {
        if (step % SAID_EVERY === 0 || step === steps) say(`step ${step} of ${steps}: loss ${loss.toFixed(4)}`);
      },
    });
    await writeEncoder(join(out, 'encoder.safetensors'), trained, { method, size: String(size), seed: String(seed) });
    await writePage(join(out, 'embedding.html'), {
      packed,
      source,
      trained,
      size,
      shown: options.shown,
      title: `${method}: ${data}`,
    });
    const result = { encoder: join(out, 'encoder.safetensors'), films: source.count, steps, loss: trained.loss };
    stdout.write(json ? `${JSON.stringify(result)}\n` : `${result.encoder}: ${source.count} films, ${steps} steps\n`);
  } finally {
    await packed.close();
  }
}

async function writeEncoder(
  file: string,
  { weights, shapes }: Pretrained,
  metadata: Record<string, string>,
): Promise<void> {
  const tensors = [...weights].map(([name, values]) => {
    return [name, { dtype: 'float32', shape: shapes.get(name) ?? [], data: values }] as const;
  });
  await writeFileAtomic(file, writeSafetensors(new Map(tensors) as WeightMap, metadata));
}

interface Page {
  readonly packed: PackedFilms;
  readonly source: FilmSource;
  readonly trained: Pretrained;
  readonly size: number;
  readonly shown: number;
  readonly title: string;
}

async function writePage(file: string, { packed, source, trained, size, shown, title }: Page): Promise<void> {
  const count = Math.min(shown, source.count);
  const films = Array.from({ length: count }, (_, i) => Math.floor((i * source.count) / count));
  const asked = { weights: trained.weights, size };
  const page = await embeddingPage({
    title,
    names: films.map((film) => packed.names[film] as string),
    films: await source.read(films),
    vectors: await filmVectors(source, { ...asked, films }),
    places: await placeGrids(source, { ...asked, films: films.slice(0, PLACED) }),
  });
  await writeFileAtomic(file, page);
}
