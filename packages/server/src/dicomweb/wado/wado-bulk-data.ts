import { Readable } from 'node:stream';
import { DataSet, type RandomAccess, toJson } from '@vesalius/dicom';
import { writeParts } from '../../http/multipart/write-parts.ts';
import type { InstanceRecord } from '../../store/archive.ts';
import { sendMultipart } from '../answers.ts';
import { acceptOf, type Call, instancesOf, recordEvent } from '../call.ts';
import { chooseOffer } from '../media/accept.ts';
import { EXPLICIT_LITTLE_UID } from '../media/transfer-syntaxes.ts';
import { badRequest, notFound } from '../refusals.ts';
import { type OpenInstance, openInstance } from './open-header.ts';
import { sendFrames } from './wado-frames.ts';

const TYPE = 'application/octet-stream';
const FIRST_PIXEL_TAG = 0x7fe00008;
const CHUNK_BYTES = 1 << 20;

/** Bytes, wherever they lie. */
interface Octets {
  readonly length: number;
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** Gives the value that a BulkDataURI names: PS3.18 10.4.1.1.5. Compressed pixels come frame by frame. */
export async function wadoBulkData(call: Call, path: string) {
  const steps = path.split('/');
  if (!steps.every((step, i) => (i % 2 === 0 ? /^[\dA-Fa-f]{8}$/ : /^\d{1,6}$/).test(step)) || steps.length % 2 === 0)
    throw badRequest('path of bulk data', { expected: 'a tag, or tags and item numbers in turn' });
  const [record] = (await instancesOf(call)) as [InstanceRecord];
  const open = await openInstance(call.services.archive, record);
  const tag = Number.parseInt(steps[0] as string, 16);
  if (steps.length > 1 || tag < FIRST_PIXEL_TAG) return sendOctets(call, record, valueAt(open, steps));
  const { next, transferSyntax } = open.header;
  const isHere = next?.tag === tag || open.header.dataSet.has(tag);
  if (!isHere) throw notFound('bulk data');
  if (next?.length !== undefined && transferSyntax.encoding.littleEndian)
    return sendOctets(call, record, placed(open.source, next.offset, next.length));
  return sendFrames(
    call,
    record,
    Array.from({ length: record.frames }, (_, index) => index),
  );
}

/** The little-endian bytes of an element before the pixels. @throws 404 for what is none or has no bytes */
function valueAt({ header }: OpenInstance, steps: readonly string[]): Octets {
  let dataSet: DataSet | undefined = header.dataSet;
  for (let i = 0; i + 1 < steps.length && dataSet !== undefined; i += 2)
    dataSet = dataSet.items(Number.parseInt(steps[i] as string, 16))[Number(steps[i + 1])];
  const element = dataSet?.get(Number.parseInt(steps.at(-1) as string, 16));
  if (element?.kind !== 'value') throw notFound('bulk data');
  const [json] = Object.values(toJson(new DataSet([element])));
  if (json === undefined || json.Value !== undefined) throw notFound('bulk data');
  const bytes = Buffer.from(json.InlineBinary ?? '', 'base64');
  return {
    length: bytes.length,
    read: async function* (start, end) {
      yield bytes.subarray(start, end);
    },
  };
}

function placed(source: RandomAccess, offset: number, length: number): Octets {
  return {
    length: Math.min(length, Math.max(0, source.size - offset)),
    read: async function* (start, end) {
      for (let at = start; at < end; at += CHUNK_BYTES)
        yield new Uint8Array(await source.slice(offset + at, offset + Math.min(end, at + CHUNK_BYTES)).arrayBuffer());
    },
  };
}

async function sendOctets(call: Call, record: InstanceRecord, octets: Octets) {
  const { request, reply } = call;
  const offer = chooseOffer(
    acceptOf(request),
    [false, true].map((multipart) => ({ type: TYPE, transferSyntax: EXPLICIT_LITTLE_UID, stored: true, multipart })),
  );
  await recordEvent(call, 'retrieved', { studies: [record.studyInstanceUid], detail: 'bulk data' });
  if (offer.multipart) {
    const headers = { 'Content-Type': `${TYPE}; transfer-syntax=${EXPLICIT_LITTLE_UID}` };
    return sendMultipart(
      call,
      writeParts(TYPE, [{ headers, body: () => octets.read(0, octets.length), length: octets.length }]),
    );
  }
  const { start, end, partial } = rangeOf(request.headers.range, octets.length);
  void reply
    .type(TYPE)
    .header('accept-ranges', 'bytes')
    .header('content-length', end - start);
  if (partial) void reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${octets.length}`);
  return reply.send(Readable.from(octets.read(start, end), { objectMode: false }));
}

/** RFC 9110 14.1.2: one range; what is no range of these bytes counts for nothing. */
function rangeOf(header: string | undefined, length: number): { start: number; end: number; partial: boolean } {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  const start = from === '' ? Math.max(0, length - Number(to)) : Number(from);
  const end = from === '' || to === '' ? length : Math.min(length, Number(to) + 1);
  const partial = (from !== '' || to !== '') && start < end;
  return partial ? { start, end, partial } : { start: 0, end: length, partial };
}
