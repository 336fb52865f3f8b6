import { availableParallelism } from 'node:os';
import { openPredictor, readBundle } from '@vesalius/bundle';

type Predictor = Awaited<ReturnType<typeof openPredictor>>;

interface Opened {
  readonly predictor: Promise<Predictor>;
  users: number;
  closing: boolean;
}

/** Opened models; each holds its weights and activations. */
const MOST_OPEN = 3;

/** Models that were used last stay open. */
export class Predictors {
  readonly #opened = new Map<string, Opened>();

  /** The predictor is not closed before the work has ended. */
  async use<Value>(folder: string, work: (predictor: Predictor) => Promise<Value>): Promise<Value> {
    const opened = this.#opened.get(folder) ?? { predictor: open(folder), users: 0, closing: false };
    this.#opened.delete(folder);
    this.#opened.set(folder, opened);
    opened.users++;
    this.#closeOldest();
    try {
      return await work(await opened.predictor);
    } catch (error) {
      if (!(await settled(opened.predictor))) this.#opened.delete(folder);
      throw error;
    } finally {
      opened.users--;
      if (opened.closing && opened.users === 0) await closeNow(opened);
    }
  }

  async close(folder: string): Promise<void> {
    const opened = this.#opened.get(folder);
    this.#opened.delete(folder);
    if (opened) await letGo(opened);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#opened.keys()].map((folder) => this.close(folder)));
  }

  #closeOldest(): void {
    for (const [folder, { users }] of this.#opened) {
      if (this.#opened.size <= MOST_OPEN) return;
      if (users === 0) void this.close(folder);
    }
  }
}

async function open(folder: string): Promise<Predictor> {
  return openPredictor(await readBundle(folder), { threads: availableParallelism() });
}

async function letGo(opened: Opened): Promise<void> {
  opened.closing = true;
  if (opened.users === 0) await closeNow(opened);
}

async function closeNow({ predictor }: Opened): Promise<void> {
  if (await settled(predictor)) await (await predictor).close();
}

function settled(predictor: Promise<unknown>): Promise<boolean> {
  return predictor.then(
    () => true,
    () => false,
  );
}
