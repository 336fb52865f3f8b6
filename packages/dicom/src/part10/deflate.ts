import { VesaliusError } from '@vesalius/errors';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Inflates a raw deflate stream: PS3.5 A.5. What follows the stream, such as its padding to even length, is passed over;
 * one that ends early gives what there is.
 *
 * @throws LIMIT_EXCEEDED when it grows past `most` bytes, FILE_FORMAT when nothing of it can be inflated
 */
export async function inflate(bytes: Uint8Array, most: number): Promise<{ bytes: Bytes; whole: boolean }> {
  const stream = new Blob([bytes as Bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.getReader();
  const parts: Bytes[] = [];
  let length = 0;
  while (length <= most) {
    const { value, done, cause } = await reader.read().then((read) => ({ ...read, cause: undefined }), failed);
    if (done || value === undefined) return { bytes: joinBytes(parts), whole: endedWell(parts, cause) };
    length += value.length;
    parts.push(value);
  }
  await reader.cancel().catch(() => undefined);
  throw new VesaliusError('LIMIT_EXCEEDED', {
    what: 'size of the inflated data',
    expected: `at most ${most} bytes`,
  });
}

function failed(cause: unknown): { value: undefined; done: true; cause: unknown } {
  return { value: undefined, done: true, cause };
}

/** Runtimes word it differently that bytes follow the end of a stream, whose data are then all here. */
function endedWell(parts: readonly Bytes[], cause: unknown): boolean {
  if (cause === undefined || /junk|trailing|after end/i.test(String((cause as Error).message))) return true;
  if (parts.length > 0) return false;
  throw new VesaliusError('FILE_FORMAT', { what: 'deflated data', got: 'damaged', cause });
}

/** Deflates into a raw stream, padded to an even length: PS3.5 A.5. */
export async function deflate(bytes: Uint8Array): Promise<Bytes> {
  const stream = new Blob([bytes as Bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const deflated = new Uint8Array(await new Response(stream).arrayBuffer());
  return deflated.length % 2 === 0 ? deflated : joinBytes([deflated, new Uint8Array(1)]);
}

export function joinBytes(parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
