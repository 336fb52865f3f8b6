import type { Backend } from '@vesalius/engine';
import { drawCurve } from './draw-curve.ts';
import { drawPicture } from './draw-picture.ts';
import { SIZE } from './pictures.ts';
import type { FromWorker, Pictures, ToWorker } from './training-messages.ts';

const settings = element<HTMLFormElement>('#settings');
const pause = element<HTMLButtonElement>('#pause');
const status = element<HTMLOutputElement>('#status');
const pictures = [...document.querySelectorAll<HTMLCanvasElement>('.pictures canvas')];

let worker: Worker | undefined;
let losses: [number, number][] = [];
let dices: [number, number][] = [];
let durations: number[] = [];
let isPaused = false;

settings.addEventListener('submit', (event) => {
  event.preventDefault();
  restart();
});
pause.addEventListener('click', () => setPaused(!isPaused));
addEventListener('resize', showCurve);
restart();

function restart(): void {
  worker?.terminate();
  worker = new Worker(new URL('./training-worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => show(data));
  [losses, dices, durations] = [[], [], []];
  setPaused(false);
  say('Loading the graph …');
  const form = new FormData(settings);
  const [seed, learningRate] = [Number(form.get('seed')), Number(form.get('learningRate'))];
  tell({ kind: 'start', backend: form.get('backend') as Backend, seed, learningRate });
}

function setPaused(paused: boolean): void {
  isPaused = paused;
  pause.textContent = paused ? 'Go on' : 'Pause';
  tell({ kind: 'pause', paused });
}

function tell(message: ToWorker): void {
  worker?.postMessage(message);
}

function show(message: FromWorker): void {
  if (message.kind === 'failed') say(message.message, true);
  if (message.kind === 'ready') {
    const { graphBytes, seconds, threads } = message;
    const cores = threads === 1 ? '1 thread' : `${threads} threads`;
    say(`${Math.round(graphBytes / 1000)} kB graph, ${seconds.toFixed(1)} s to load, ${cores}`);
  }
  if (message.kind === 'unseen') showUnseen(message);
  if (message.kind === 'step') showStep(message);
}

function showStep({ step, loss, milliseconds }: Extract<FromWorker, { kind: 'step' }>): void {
  losses.push([step, loss]);
  durations = [...durations.slice(-19), milliseconds];
  const mean = durations.reduce((sum, each) => sum + each, 0) / durations.length;
  element('#step').textContent = String(step);
  element('#loss').textContent = loss.toFixed(3);
  element('#rate').textContent = (1000 / mean).toFixed(1);
  showCurve();
}

function showUnseen({ step, dice, image, target, prediction }: { step: number; dice: number } & Pictures): void {
  dices.push([step, dice]);
  element('#dice').textContent = dice.toFixed(3);
  for (const [i, canvas] of pictures.entries()) {
    const start = Math.floor(i / 3) * SIZE * SIZE;
    const slice = (values: Float32Array): Float32Array => values.subarray(start, start + SIZE * SIZE);
    drawPicture(canvas, slice(image), [undefined, slice(target), slice(prediction)][i % 3]);
  }
  showCurve();
}

function showCurve(): void {
  const series = [
    { colour: '#6aa7ff', points: losses, smooth: 10 },
    { colour: '#ff8a3d', points: dices },
  ];
  drawCurve(element<HTMLCanvasElement>('#curve'), series, 2);
}

function say(words: string, isFailure = false): void {
  status.textContent = words;
  status.className = isFailure ? 'failed' : '';
}

function element<E extends HTMLElement>(selector: string): E {
  return document.querySelector(selector) as E;
}
