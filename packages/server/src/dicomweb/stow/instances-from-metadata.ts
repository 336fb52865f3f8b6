import { createDicomFile, DataSet, type Element, fromJson, transferSyntaxOf, writeDicom } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import type { Part } from '../../http/multipart/read-parts.ts';
import type { Settings } from '../../settings.ts';
import { type MediaType, parseMediaType } from '../media/media-type.ts';
import { EXPLICIT_LITTLE_UID, frameMediaType } from '../media/transfer-syntaxes.ts';
import { badRequest, tooLarge, unsupportedMedia } from '../refusals.ts';

/** A value sent apart from its data set: one part, or one for each frame. */
interface BulkData {
  readonly media: MediaType;
  readonly parts: Uint8Array[];
}

/** Metadata and the bulk data they name have to meet in memory. */
const MOST_BYTES = 1 << 29;
const PIXEL_DATA = 0x7fe00010;

/**
 * Instances from DICOM JSON and the bulk data that follow it, as Part 10 files: PS3.18 10.5.2, 8.7.3.
 *
 * @throws 400 for what is not that, 413 for more than half a gibibyte in one request
 */
export async function* instancesFromMetadata(
  parts: AsyncIterable<Part>,
  limits: Settings['limits'],
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const most = Math.min(MOST_BYTES, limits.requestBytes);
  const dataSets: unknown[] = [];
  const bulk = new Map<string, BulkData>();
  let total = 0;
  for await (const { headers, body } of parts) {
    const bytes = await collected(body, most - total);
    total += bytes.length;
    const media = parseMediaType(headers.get('content-type') ?? '');
    if (media?.type.endsWith('json')) dataSets.push(...parsed(bytes));
    else keep(bulk, headers.get('content-location'), { media: media ?? OCTETS, bytes });
  }
  if (dataSets.length === 0) throw badRequest('metadata in the request', { got: 'none' });
  for (const dataSet of dataSets) yield single(await fileOf(dataSet, bulk));
}

const OCTETS: MediaType = { type: 'application/octet-stream', parameters: new Map() };

function keep(
  bulk: Map<string, BulkData>,
  location: string | undefined,
  { media, bytes }: { media: MediaType; bytes: Uint8Array },
): void {
  if (location === undefined) throw badRequest('part of bulk data', { got: 'no Content-Location' });
  const there = bulk.get(location);
  if (there === undefined) bulk.set(location, { media, parts: [bytes] });
  else there.parts.push(bytes);
}

async function collected(body: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > most) throw tooLarge('bytes of metadata and bulk data', MOST_BYTES);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parsed(bytes: Uint8Array): unknown[] {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return Array.isArray(json) ? json : [json];
  } catch {
    // The parser's own message would quote the text.
    throw badRequest('metadata', { got: 'no JSON' });
  }
}

/** Values are never quoted by these errors. */
function badMetadata(error: unknown): unknown {
  if (!(error instanceof VesaliusError)) return error;
  const { what, expected } = error.details;
  return badRequest(what, expected === undefined ? {} : { expected: String(expected) });
}

async function fileOf(json: unknown, bulk: ReadonlyMap<string, BulkData>): Promise<Uint8Array> {
  try {
    return await built(json, bulk);
  } catch (error) {
    throw badMetadata(error);
  }
}

async function built(json: unknown, bulk: ReadonlyMap<string, BulkData>): Promise<Uint8Array> {
  const pixels: { uid: string; frames: readonly Uint8Array[] }[] = [];
  const whole = await fromJson(json, {
    bulkData: (uri, tag) => {
      const found = bulk.get(uri);
      if (found === undefined) throw badRequest('BulkDataURI', { got: 'no part with that Content-Location' });
      const syntax = tag === PIXEL_DATA ? compressedSyntax(found.media) : undefined;
      if (syntax === undefined) return Buffer.concat(found.parts);
      pixels.push({ uid: syntax, frames: found.parts });
      return new Uint8Array(0);
    },
  });
  const meta = [...whole].filter((element) => element.tag >>> 16 === 2);
  const stated = new DataSet(meta).string('TransferSyntaxUID') ?? EXPLICIT_LITTLE_UID;
  const dataSet = whole.without(...meta.map((element) => element.tag));
  const [compressed] = pixels;
  if (compressed !== undefined)
    return writeDicom(createDicomFile(dataSet.with(fragments(compressed.frames)), compressed.uid));
  // Bytes of native pixels arrive little endian, whatever the data set was before.
  return writeDicom(createDicomFile(dataSet, isCompressedInside(dataSet, stated) ? stated : EXPLICIT_LITTLE_UID));
}

function isCompressedInside(dataSet: DataSet, stated: string): boolean {
  return dataSet.get(PIXEL_DATA)?.kind === 'fragments' && transferSyntaxOf(stated).encapsulated;
}

/** The transfer syntax of compressed frames: the one that is named, else the usual one of the media type. */
function compressedSyntax({ type, parameters }: MediaType): string | undefined {
  const named = parameters.get('transfer-syntax');
  if (named !== undefined) return transferSyntaxOf(named).encapsulated ? named : undefined;
  if (type === 'application/octet-stream') return undefined;
  const usual = USUAL.find((uid) => frameMediaType(uid) === type);
  if (usual !== undefined) return usual;
  throw unsupportedMedia('media type of bulk data', { got: type });
}

/** PS3.18 table 8.7.3-5: the defaults. */
const USUAL = ['4.70', '4.80', '4.90', '4.92', '4.201', '4.100', '4.102', '5'].map((end) => `1.2.840.10008.1.2.${end}`);

/** Each a frame: PS3.5 A.4. */
function fragments(frames: readonly Uint8Array[]): Element {
  const even = frames.map((frame) => (frame.length % 2 === 0 ? frame : Buffer.concat([frame, Buffer.alloc(1)])));
  return { kind: 'fragments', tag: PIXEL_DATA, vr: 'OB', offsetTable: new Uint8Array(0), fragments: even };
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
