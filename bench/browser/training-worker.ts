import { PORTABLE } from '@vesalius/engine';
import { drawBatch } from './pictures.ts';
import { Training } from './training.ts';
import type { FromWorker, ToWorker } from './training-messages.ts';

/** Never trained on. */
const UNSEEN = drawBatch(1_000_000);
const LOOK_EVERY = 5;

let paused = false;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'pause') paused = data.paused;
  else train(data).catch((error: unknown) => send({ kind: 'failed', message: String(error) }));
});

async function train({ backend, seed, learningRate }: Extract<ToWorker, { kind: 'start' }>): Promise<void> {
  const start = performance.now();
  const threads = backend === 'wasm' && crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  const training = await Training.start({ backend, seed, threads, target: PORTABLE, withDice: true });
  const graphBytes = training.executable.onnx.length;
  send({ kind: 'ready', graphBytes, seconds: (performance.now() - start) / 1000, threads });
  await look(training, 0);
  for (let step = 1; ; step++) {
    while (paused) await wait(50);
    const before = performance.now();
    const { loss } = await training.step(drawBatch(step), learningRate);
    send({ kind: 'step', step, loss, milliseconds: performance.now() - before });
    if (step % LOOK_EVERY === 0) await look(training, step);
    await wait(0);
  }
}

async function look(training: Training, step: number): Promise<void> {
  const { prediction } = await training.step(UNSEEN, 0);
  send({ kind: 'unseen', step, dice: dice(prediction, UNSEEN.target), ...UNSEEN, prediction });
}

function dice(prediction: Float32Array, target: Float32Array): number {
  let [both, sum] = [0, 0];
  for (const [i, probability] of prediction.entries()) {
    const [predicted, wanted] = [probability > 0.5 ? 1 : 0, target[i] as number];
    both += predicted * wanted;
    sum += predicted + wanted;
  }
  return (2 * both) / sum;
}

/** Lets messages in. */
function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function send(message: FromWorker): void {
  postMessage(message);
}
