import { VesaliusError } from '@vesalius/errors';
import { ByteReader } from './byte-reader.ts';
import { type Bytes, bytesFrom, streamFrom, streamOf } from './byte-stream.ts';

/** Header, an empty block and trailer: no member is shorter. */
const SHORTEST = 20;
/** Bytes that only look like the start of a member are met once in 100 MB; more often is no accident. */
const MOST_TRIALS = 16;

/** What a reader gets: the file as it lies, or what its gzip members hold, joined. */
export interface OpenedBytes {
  readonly stream: ReadableStream<Bytes>;
  readonly inflated: boolean;
}

/**
 * Lets a reader have the bytes as they are, and once more inflated where they prove to be several gzip members, as bgzip
 * and joined files have: a stream of the platform inflates one member and does not say where it ended.
 */
export async function readingAllMembers<T>(bytes: Uint8Array, read: (opened: OpenedBytes) => Promise<T>): Promise<T> {
  try {
    return await read({ stream: streamOf(bytes), inflated: false });
  } catch (error) {
    const several = error instanceof VesaliusError && error.code === 'FILE_UNSUPPORTED';
    if (!several || nextMember(bytes, 0) === undefined) throw error;
    return read({ stream: streamFrom(inflateMembers(bytes)), inflated: true });
  }
}

/** Each member in turn: up to where the next could start, which is true when the checksum before it is right. */
async function* inflateMembers(bytes: Uint8Array): AsyncGenerator<Bytes, void> {
  for (let start = 0, end = start; start < bytes.length; start = end) {
    let inflated: Bytes | undefined;
    end = start;
    for (let trial = 0; !inflated && end < bytes.length && trial < MOST_TRIALS; trial++) {
      end = nextMember(bytes, end) ?? bytes.length;
      inflated = await inflate(bytes.subarray(start, end));
    }
    yield inflated ?? (await inflateLoudly(bytes.subarray(start)));
  }
}

/** Where bytes of a gzip header (RFC 1952, 2.3) stand next, behind a member that starts at `from`. */
function nextMember(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(0x1f, from + SHORTEST); at >= 0; at = bytes.indexOf(0x1f, at + 1)) {
    if (bytes[at + 1] === 0x8b && bytes[at + 2] === 8 && (bytes[at + 3] ?? 255) < 32) return at;
  }
  return undefined;
}

function inflate(member: Uint8Array): Promise<Bytes | undefined> {
  return bytesFrom(streamOf(member).pipeThrough(new DecompressionStream('gzip'))).catch(() => undefined);
}

/** What can be had of a damaged member; ends as it does. */
async function inflateLoudly(member: Uint8Array): Promise<never> {
  const reader = new ByteReader(streamOf(member));
  reader.gunzip();
  await reader.finish(Number.POSITIVE_INFINITY);
  throw new VesaliusError('FILE_UNSUPPORTED', { what: 'bytes after the last gzip member' });
}
