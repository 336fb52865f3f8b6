import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { openOnnx, type RuntimeOptions, type Session, type TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { WorkerAnswer, WorkerStart } from './session-worker.ts';

/** Each session holds its own activations. */
const MOST_SESSIONS = 4;

/**
 * A model opened so that several runs go on side by side: sessions on threads of their own share the threads granted. What one operation
 * cannot divide well, two runs can: of a 3-D network's windows two threads do about a sixth more so.
 *
 * @throws as `openOnnx`
 */
export async function openSessionPool(model: Uint8Array, options: RuntimeOptions = {}): Promise<Session> {
  const threads = options.threads ?? availableParallelism();
  const count = Math.min(MOST_SESSIONS, threads);
  if (count === 1) return openOnnx(model, options);
  // Whoever asks may give more than what a thread can be handed.
  const { backend = 'cpu' } = options;
  const each = { backend, threads: Math.floor(threads / count) };
  const workers = Array.from({ length: count }, () => new SessionWorker({ model, options: each }));
  const close = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.close()));
  };
  const opened = Promise.all(workers.map((worker) => worker.answer<ModelNames>()));
  const [names] = await opened.catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    backend,
    ...(names as ModelNames),
    parallelRuns: count,
    run: (feeds) => leastBusy(workers).ask(feeds),
    close,
  };
}

type ModelNames = Pick<Session, 'inputNames' | 'outputNames'>;

const leastBusy = (workers: readonly SessionWorker[]): SessionWorker =>
  workers.reduce((best, worker) => (worker.waiting < best.waiting ? worker : best));

interface Question {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

// Beside the source stands the source, beside the bundled code the bundled worker.
const SCRIPT = `./session-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`;

class SessionWorker {
  readonly #worker: Worker;
  readonly #questions: Question[] = [];

  constructor(start: WorkerStart) {
    this.#worker = new Worker(new URL(SCRIPT, import.meta.url), { workerData: start });
    this.#worker.on('message', (answer: WorkerAnswer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail('the thread ended'));
  }

  get waiting(): number {
    return this.#questions.length;
  }

  ask(feeds: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>> {
    this.#worker.postMessage(feeds);
    return this.answer<Record<string, TensorValue>>();
  }

  /** The next answer that nobody waits for yet. */
  answer<Value>(): Promise<Value> {
    // A thread that nobody waits for keeps no program from ending.
    this.#worker.ref();
    return new Promise<unknown>((resolve, reject) => this.#questions.push({ resolve, reject })) as Promise<Value>;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: WorkerAnswer): void {
    const question = this.#questions.shift();
    if (this.#questions.length === 0) this.#worker.unref();
    if ('value' in answer) question?.resolve(answer.value);
    else question?.reject(new VesaliusError(answer.code, answer));
  }

  #fail(got: unknown): void {
    for (const { reject } of this.#questions.splice(0))
      reject(new VesaliusError('RUNTIME_FAILED', { what: 'running a graph on a thread of its own', got }));
  }
}
