import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

/** A part to send. */
export interface OutgoingPart {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Of the body; nothing where it is not known before it is made. */
  readonly length?: number;
}

/** A multipart body, and its length where all its parts have one. */
export interface MultipartBody {
  readonly contentType: string;
  readonly length?: number;
  readonly stream: Readable;
}

/** A body of known parts, whose length is therefore known: RFC 2387. */
export function writeParts(type: string, parts: readonly OutgoingPart[]): MultipartBody {
  const boundary = randomUUID();
  const lengths = parts.map((part) => (part.body instanceof Uint8Array ? part.body.length : part.length));
  const known = lengths.every((length) => length !== undefined);
  const heads = parts.reduce((sum, part) => sum + headOf(boundary, part).length + 2, 0);
  const length = heads + tailOf(boundary).length + lengths.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return { ...streamParts(type, parts, boundary), ...(known ? { length } : {}) };
}

/** A body whose parts are made while it is sent. */
export function streamParts(
  type: string,
  parts: Iterable<OutgoingPart> | AsyncIterable<OutgoingPart>,
  boundary: string = randomUUID(),
): MultipartBody {
  return {
    contentType: `multipart/related; type="${type}"; boundary="${boundary}"`,
    stream: Readable.from(bytesOf(parts, boundary), { objectMode: false }),
  };
}

async function* bytesOf(
  parts: Iterable<OutgoingPart> | AsyncIterable<OutgoingPart>,
  boundary: string,
): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    yield headOf(boundary, part);
    if (part.body instanceof Uint8Array) yield part.body;
    else yield* part.body();
    yield Buffer.from('\r\n');
  }
  yield tailOf(boundary);
}

function headOf(boundary: string, { headers }: OutgoingPart): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`--${boundary}\r\n${lines.join('')}\r\n`, 'latin1');
}

function tailOf(boundary: string): Buffer {
  return Buffer.from(`--${boundary}--\r\n`, 'latin1');
}
