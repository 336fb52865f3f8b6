import { fileError } from './file-error.ts';

/** Compresses in the zlib format (RFC 1950), as PNG wants it. */
export async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Undoes raw deflate (RFC 1951), as zip uses it, into exactly `size` bytes; never holds more than that.
 *
 * @throws FILE_FORMAT when the data is damaged or another size comes out
 */
export async function inflateRaw(bytes: Uint8Array, size: number, file?: string): Promise<Uint8Array<ArrayBuffer>> {
  const fail = (got: unknown, cause?: unknown) =>
    fileError('FILE_FORMAT', { what: 'deflated data', got, expected: `${size} bytes`, cause }, file);
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (let part = await reader.read(); !part.done && length <= size; part = await reader.read()) {
      chunks.push(part.value);
      length += part.value.length;
    }
  } catch (cause) {
    throw fail('damaged data', cause);
  }
  if (length === size) return joined(chunks, size);
  await reader.cancel().catch(() => undefined);
  throw fail(length < size ? `${length} bytes` : 'more');
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
