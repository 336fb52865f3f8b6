// One session of a pool, on a thread of its own: see session-pool.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { openOnnx, type RuntimeOptions, type TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';

export interface WorkerStart {
  readonly model: Uint8Array;
  readonly options: RuntimeOptions;
}

/** Answers come in the order of the questions; the first one, before any question, names the model's inputs and outputs. */
export type WorkerAnswer =
  | { readonly value: unknown }
  | {
      readonly code: VesaliusError['code'];
      readonly what: string;
      readonly got?: unknown;
      readonly expected?: unknown;
    };

const { model, options } = workerData as WorkerStart;
const session = openOnnx(model, options);
await answer(session.then(({ inputNames, outputNames }) => ({ inputNames, outputNames })));
parentPort?.on('message', (feeds: Readonly<Record<string, TensorValue>>) => {
  void answer(session.then(({ run }) => run(feeds)));
});

async function answer(value: Promise<unknown>): Promise<void> {
  const message: WorkerAnswer = await value.then((given) => ({ value: given }), describe);
  parentPort?.postMessage(message);
}

function describe(error: unknown): WorkerAnswer {
  if (!(error instanceof VesaliusError)) return { code: 'RUNTIME_FAILED', what: 'running a graph', got: String(error) };
  const { what, got, expected } = error.details;
  return { code: error.code, what, got: got === undefined ? undefined : String(got), expected };
}
