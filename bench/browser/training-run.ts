import { drawBatch } from './pictures.ts';
import { Training, type TrainingOptions } from './training.ts';

export interface TrainingRunOptions extends TrainingOptions {
  readonly steps: number;
  readonly learningRate: number;
}

/** What two runtimes are compared by. */
export interface TrainingRun {
  readonly losses: readonly number[];
  /** Without the first two, which warm up. */
  readonly stepsPerSecond: number;
  /** SHA-256 of the graph, of the first weights and of all batches. */
  readonly hashes: { readonly graph: string; readonly weights: string; readonly batches: string };
}

/** Trains for some steps on batches 0, 1, 2, ... */
export async function runTraining({ steps, learningRate, ...options }: TrainingRunOptions): Promise<TrainingRun> {
  const training = await Training.start(options);
  const { executable } = training;
  const weights = executable.stateNames.map((name) => bytesOf(executable.readState(name).data));
  const hashes = { graph: await sha256([executable.onnx]), weights: await sha256(weights) };
  const batches = Array.from({ length: steps }, (_, i) => drawBatch(i));
  const losses: number[] = [];
  let start = performance.now();
  for (const [i, batch] of batches.entries()) {
    if (i === 2) start = performance.now();
    losses.push((await training.step(batch, learningRate)).loss);
  }
  const stepsPerSecond = ((steps - 2) * 1000) / (performance.now() - start);
  await executable.close();
  const drawn = await sha256(batches.flatMap(({ image, target }) => [bytesOf(image), bytesOf(target)]));
  return { losses, stepsPerSecond, hashes: { ...hashes, batches: drawn } };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

async function sha256(parts: readonly Uint8Array[]): Promise<string> {
  const bytes = await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer();
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
