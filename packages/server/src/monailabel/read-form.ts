import { VesaliusError } from '@vesalius/errors';
import type { FastifyRequest } from 'fastify';
import { readParts } from '../http/multipart/read-parts.ts';
import { Refusal } from '../http/refusal.ts';

/** A file of a form, in memory: it is decoded as a whole anyway. */
export interface FormFile {
  readonly field: string;
  /** The last part of what the client called it; plain letters only. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: readonly FormFile[];
}

const MOST_BYTES = 1 << 30;
const FIELD_BYTES = 1 << 24;
const LINE_BYTES = 256;
const LIMITS = { headerBytes: 16_384, parts: 10_000 };

/**
 * A form: multipart/form-data, or urlencoded. The boundary is what the body begins with, since PyPI's client sends the Content-Type of
 * the request before when it has a token.
 *
 * @throws FILE_FORMAT, TOO_LARGE
 * @source RFC 7578
 */
export async function readForm({ body }: FastifyRequest, mostBytes: number): Promise<Form> {
  const { firstLine, source } = await begun(streamOf(body));
  if (!firstLine.startsWith('--'))
    return { fields: new Map(new URLSearchParams(await textOf(source, FIELD_BYTES))), files: [] };
  return readMultipart(source, firstLine.slice(2).trimEnd(), Math.min(mostBytes, MOST_BYTES));
}

/** A JSON object, empty where there is no body. @throws BAD_REQUEST */
export async function readJson({ body }: FastifyRequest): Promise<Readonly<Record<string, unknown>>> {
  return body === undefined ? {} : parseObject(await textOf(streamOf(body), FIELD_BYTES), 'body');
}

/** The JSON object that a field holds. @throws BAD_REQUEST */
export function parseObject(text: string | undefined, what: string): Readonly<Record<string, unknown>> {
  if (text === undefined || text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would quote the text.
    throw new Refusal('BAD_REQUEST', { what, got: 'no JSON' });
  }
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Refusal('BAD_REQUEST', { what, expected: 'a JSON object' });
}

/** @throws BAD_REQUEST where the form has none */
export function demandFile({ files }: Form, field: string): FormFile {
  const file = files.find((each) => each.field === field);
  if (file !== undefined) return file;
  throw new Refusal('BAD_REQUEST', { what: `file of the field ${field}`, got: 'none' });
}

async function readMultipart(source: AsyncIterable<Uint8Array>, boundary: string, most: number): Promise<Form> {
  const fields = new Map<string, string>();
  const files: FormFile[] = [];
  let left = most;
  for await (const { headers, body } of readParts(source, boundary, LIMITS)) {
    const { name, filename } = dispositionOf(headers.get('content-disposition') ?? '');
    if (filename === undefined) {
      fields.set(name, await textOf(body, FIELD_BYTES));
      continue;
    }
    const bytes = await bytesOf(body, left);
    left -= bytes.length;
    files.push({ field: name, name: plainName(filename), bytes });
  }
  return { fields, files };
}

/** The first line, and the stream with it. */
async function begun(stream: AsyncIterable<Uint8Array>) {
  const iterator = stream[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let next = await iterator.next();
  while (!next.done) {
    head = Buffer.concat([head, next.value]);
    if (head.length >= LINE_BYTES || head.indexOf('\r\n', 2) >= 0) break;
    next = await iterator.next();
  }
  const [firstLine = ''] = head.toString('latin1', 0, LINE_BYTES).trimStart().split('\r\n');
  const source = (async function* () {
    if (head.length > 0) yield head as Uint8Array;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  return { firstLine, source };
}

function streamOf(body: unknown): AsyncIterable<Uint8Array> {
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
    return body as AsyncIterable<Uint8Array>;
  throw new Refusal('BAD_REQUEST', { what: 'body', got: 'none', expected: 'a form' });
}

async function textOf(body: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  return Buffer.from(await bytesOf(body, most)).toString('utf8');
}

async function bytesOf(body: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > most) throw new Refusal('TOO_LARGE', { what: 'form', expected: `at most ${most} bytes in memory` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function dispositionOf(header: string): { name: string; filename?: string } {
  // Headers come as latin1; browsers and Python write UTF-8.
  const text = Buffer.from(header, 'latin1').toString('utf8');
  const name = parameterOf(text, 'name');
  if (name === undefined)
    throw new VesaliusError('FILE_FORMAT', {
      what: 'multipart: Content-Disposition',
      expected: 'form-data with a name',
    });
  const filename = parameterOf(text, 'filename');
  return { name, ...(filename === undefined ? {} : { filename }) };
}

function parameterOf(header: string, name: string): string | undefined {
  const [, quoted, bare] = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, 'i').exec(header) ?? [];
  return quoted ?? bare;
}

/** Without the folders that PyPI's client sends, and without what file systems or headers take for more than a letter. */
function plainName(filename: string): string {
  const base = filename.split(/[/\\]/).at(-1) ?? '';
  return (
    base
      .replaceAll(/[^\w.-]/g, '_')
      .replace(/^\.+/, '')
      .slice(-200) || 'file'
  );
}
