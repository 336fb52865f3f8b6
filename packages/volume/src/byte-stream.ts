export type Bytes = Uint8Array<ArrayBuffer>;

const CHUNK = 1 << 18;

/** A stream of what an iterator gives, pulled only as it is asked for. */
export function streamFrom(chunks: Iterator<Bytes> | AsyncIterator<Bytes>): ReadableStream<Bytes> {
  const pull = async (controller: ReadableStreamDefaultController<Bytes>): Promise<void> => {
    const { value, done } = await chunks.next();
    if (done) controller.close();
    else controller.enqueue(value);
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

/** Views on the bytes, a block at a time. */
export function* blocksOf(bytes: Uint8Array): Generator<Bytes, void> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK) as Bytes;
}

export function streamOf(bytes: Uint8Array): ReadableStream<Bytes> {
  return streamFrom(blocksOf(bytes));
}

/** Everything a stream gives. */
export async function bytesFrom(stream: ReadableStream<Bytes>): Promise<Bytes> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
