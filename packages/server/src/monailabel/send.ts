import { randomUUID } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** A file of an answer. */
export interface SentFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** `application/octet-stream` without it. */
  readonly type?: string;
}

const OCTETS = 'application/octet-stream';

/** A file with the name that PyPI's client cannot do without. */
export function sendFile(reply: FastifyReply, { name, bytes, type = OCTETS }: SentFile): FastifyReply {
  return reply
    .header('content-disposition', `attachment; filename="${name}"`)
    .type(type)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** JSON of any value; a bare `null` too. */
export function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.type('application/json').send(Buffer.from(JSON.stringify(value ?? null)));
}

/**
 * Parameters and a file as multipart/form-data. In one piece: the client reads the connection itself and would take the marks of a
 * chunked body for voxels.
 */
export function sendForm(reply: FastifyReply, params: object, file: SentFile): FastifyReply {
  const boundary = randomUUID().replaceAll('-', '');
  const { name, bytes, type = OCTETS } = file;
  const body = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="params"\r\nContent-Type: application/json\r\n\r\n` +
        `${JSON.stringify(params)}\r\n--${boundary}\r\n` +
        `Content-Disposition: form-data; name="image"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`,
    ),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return reply.type(`multipart/form-data; boundary=${boundary}`).send(body);
}
