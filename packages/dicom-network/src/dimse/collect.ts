import { VesaliusError } from '@vesalius/errors';

/** Longest identifier, action or event information that is held in memory, in bytes. */
const MAX_LENGTH = 16 << 20;

/**
 * The whole of a data set that is known to be small.
 *
 * @throws PEER_PROTOCOL when it is longer than 16 MiB
 */
export async function collect(dataSet: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of dataSet ?? []) {
    length += chunk.length;
    if (length > MAX_LENGTH)
      throw new VesaliusError('PEER_PROTOCOL', {
        what: 'length of an identifier',
        got: length,
        expected: `at most ${MAX_LENGTH}`,
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
