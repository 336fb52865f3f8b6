import type { Archive, StoreOptions, StoreOutcome } from '../../store/archive.ts';

/** Small instances are read whole and stored side by side, so that they share what makes them durable. */
const SMALL_BYTES = 1 << 20;
const SIDE_BY_SIDE = 32;

interface Target {
  readonly archive: Archive;
  readonly options: StoreOptions;
}

/** What became of the files, and what kept the rest from being read. */
interface Stored {
  readonly outcomes: readonly StoreOutcome[];
  readonly fault?: unknown;
}

/** Stores files in the order they come; at most 32 small ones, or one large one in parts, are in memory. */
export async function storeAll(
  files: AsyncIterable<AsyncIterable<Uint8Array>>,
  { archive, options }: Target,
): Promise<Stored> {
  const outcomes: Promise<StoreOutcome>[] = [];
  const running = new Set<Promise<unknown>>();
  try {
    for await (const file of files) {
      const { start, rest } = await beginning(file);
      // The next part can only be read after this one.
      if (rest !== undefined) {
        outcomes.push(Promise.resolve(await storeLarge(joined(start, rest), { archive, options })));
        continue;
      }
      const outcome = archive.store(start, options);
      outcomes.push(outcome);
      const ended: Promise<unknown> = outcome.catch(() => undefined).then(() => running.delete(ended));
      running.add(ended);
      if (running.size >= SIDE_BY_SIDE) await Promise.race(running);
    }
    return { outcomes: await Promise.all(outcomes) };
  } catch (fault) {
    const settled = await Promise.allSettled(outcomes);
    return { outcomes: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])), fault };
  }
}

/** The archive answers a source that breaks off with a refusal; here that is a fault of the whole request. */
async function storeLarge(file: AsyncIterable<Uint8Array>, { archive, options }: Target): Promise<StoreOutcome> {
  const faults: unknown[] = [];
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* file;
    } catch (fault) {
      faults.push(fault);
      throw fault;
    }
  }
  const outcome = await archive.store(watched(), options);
  if (faults.length > 0) throw faults[0];
  return outcome;
}

interface Beginning {
  readonly start: Uint8Array;
  /** What follows, where the file is not small. */
  readonly rest?: AsyncIterator<Uint8Array>;
}

async function beginning(file: AsyncIterable<Uint8Array>): Promise<Beginning> {
  const chunks: Uint8Array[] = [];
  const rest = file[Symbol.asyncIterator]();
  for (let length = 0; length <= SMALL_BYTES; ) {
    const { value, done } = await rest.next();
    if (done) return { start: withPreamble(Buffer.concat(chunks)) };
    chunks.push(value);
    length += value.length;
  }
  return { start: withPreamble(Buffer.concat(chunks)), rest };
}

const PREFIX = Buffer.from('DICM');
const PREAMBLE = Buffer.concat([Buffer.alloc(128), PREFIX]);

/** Python's client leaves preamble and prefix out, without which a file is none for those who retrieve it: PS3.10 7.1. */
function withPreamble(start: Buffer): Buffer {
  const prefixed = start.subarray(128, 132).equals(PREFIX);
  const isMeta = start.length >= 8 && start.readUInt16LE(0) === 2;
  return !prefixed && isMeta ? Buffer.concat([PREAMBLE, start]) : start;
}

async function* joined(start: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
