import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { annotationContentSchema } from '@vesalius/api';
import type { FastifyRequest } from 'fastify';
import { readParts } from '../http/multipart/read-parts.ts';
import { Refusal } from '../http/refusal.ts';
import type { Annotation, AnnotationContent } from './annotations.ts';

const unpack = promisify(gunzip);
const CONTENT_BYTES = 1 << 20;
const LIMITS = { headerBytes: 16_384, parts: 2 };
/** What does not get smaller by gzip gets a little larger. */
const PACKED_MORE = 1 << 16;

/** What stands on the body's way in: a stream, by the parser of its type. */
export const MASK_TYPES = ['application/octet-stream', 'application/gzip', 'multipart/form-data'] as const;

/** The label map of a request, with its classes where it is a form; else they stay as they are. */
export async function readMaskBody(request: FastifyRequest, annotation: Annotation): Promise<AnnotationContent> {
  const body = request.body as AsyncIterable<Uint8Array> | undefined;
  if (body === undefined) throw new Refusal('BAD_REQUEST', { what: 'body', got: 'none', expected: 'a label map' });
  const voxels = annotation.size[0] * annotation.size[1] * annotation.size[2];
  const type = request.headers['content-type'] ?? '';
  if (!/^multipart\//i.test(type)) return { ...(await maskOf(body, type, voxels)), segments: annotation.segments };
  const boundary = /;\s*boundary="?([^";]+)"?/i.exec(type)?.[1] ?? '';
  let content: Omit<AnnotationContent, 'mask'> | undefined;
  let mask: Mask | undefined;
  for await (const part of readParts(body, boundary, LIMITS)) {
    const name = /;\s*name="?([^";]+)"?/i.exec(part.headers.get('content-disposition') ?? '')?.[1];
    if (name === 'content') content = contentOf(await bytesOf(part.body, CONTENT_BYTES));
    else if (name === 'mask') mask = await maskOf(part.body, part.headers.get('content-type') ?? '', voxels);
  }
  if (mask && content) return { ...content, ...mask };
  throw new Refusal('BAD_REQUEST', { what: 'form', expected: 'the fields content and mask' });
}

type Mask = Pick<AnnotationContent, 'mask' | 'gzip'>;

async function maskOf(body: AsyncIterable<Uint8Array>, type: string, voxels: number): Promise<Mask> {
  const bytes = await bytesOf(body, voxels + PACKED_MORE);
  if (!/^application\/gzip/i.test(type)) return { mask: bytes };
  try {
    return { mask: await unpack(bytes, { maxOutputLength: voxels + 1 }), gzip: bytes };
  } catch {
    throw new Refusal('BAD_REQUEST', { what: 'label map', expected: `gzip of ${voxels} bytes` });
  }
}

async function bytesOf(body: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > most) throw new Refusal('TOO_LARGE', { what: 'body', expected: `at most ${most} bytes` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function contentOf(bytes: Buffer): Omit<AnnotationContent, 'mask'> {
  const { success, data, error } = annotationContentSchema.safeParse(json(bytes));
  if (success) return data;
  const [issue] = error.issues;
  throw new Refusal('BAD_REQUEST', {
    what: ['content', ...(issue?.path ?? [])].join('.').slice(0, 200),
    expected: issue?.message ?? 'another value',
  });
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
