import { Readable } from 'node:stream';
import type { DicomJson } from '@vesalius/dicom';
import { type MultipartBody, streamParts } from '../http/multipart/write-parts.ts';
import { acceptOf, type Call } from './call.ts';
import { chooseOffer, type Offer } from './media/accept.ts';
import { nativeXml } from './native-xml.ts';

const DICOM_JSON = 'application/dicom+json';
export const DICOM_XML = 'application/dicom+xml';

const LISTS: readonly Offer[] = [
  { type: DICOM_JSON, multipart: false },
  { type: DICOM_XML, multipart: true },
];
const SINGLES: readonly Offer[] = [
  { type: DICOM_JSON, multipart: false },
  { type: DICOM_XML, multipart: false },
];

/** An answer this long is held, so that its length can be told before it. */
const HELD_BYTES = 1 << 25;

/** The form of an answer, found before any work is done for it. @throws 406 */
export function chooseListForm({ request }: Call): Offer {
  return chooseOffer(acceptOf(request), LISTS);
}

/** Answers with data sets: a JSON array, or a part of XML for each. */
export async function sendList(call: Call, form: Offer, dataSets: AsyncIterable<DicomJson> | Iterable<DicomJson>) {
  if (form.type === DICOM_JSON) return sendBytes(call, DICOM_JSON, jsonArray(dataSets));
  const body = streamParts(DICOM_XML, xmlParts(dataSets));
  return sendBytes(call, body.contentType, body.stream);
}

/** The form of an answer of one data set. @throws 406 */
export function chooseSingleForm({ request }: Call): Offer {
  return chooseOffer(acceptOf(request), SINGLES);
}

/** Answers with one data set. A string would be given a character set, which the Python client takes for another media type. */
export function sendSingle({ reply }: Call, form: Offer, dataSet: DicomJson) {
  const bytes = form.type === DICOM_JSON ? Buffer.from(JSON.stringify(dataSet)) : nativeXml(dataSet);
  return reply.type(form.type).send(bytes);
}

export function sendMultipart({ reply }: Call, { contentType, length, stream }: MultipartBody) {
  if (length !== undefined) void reply.header('content-length', length);
  return reply.type(contentType).send(stream);
}

/** Clients read an answer of unknown length badly: only what is too long to be held is sent so. */
async function sendBytes({ reply }: Call, type: string, source: AsyncIterable<Uint8Array>) {
  const iterator = source[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let length = 0;
  while (length <= HELD_BYTES) {
    const { value, done } = await iterator.next();
    if (done) return reply.type(type).send(Buffer.concat(held));
    held.push(value);
    length += value.length;
  }
  return reply.type(type).send(Readable.from(chained(held, iterator), { objectMode: false }));
}

async function* chained(held: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* held;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* jsonArray(dataSets: AsyncIterable<DicomJson> | Iterable<DicomJson>): AsyncGenerator<Uint8Array> {
  let lead = '[';
  for await (const dataSet of dataSets) {
    yield Buffer.from(lead + JSON.stringify(dataSet));
    lead = ',';
  }
  yield Buffer.from(lead === '[' ? '[]' : ']');
}

async function* xmlParts(dataSets: AsyncIterable<DicomJson> | Iterable<DicomJson>) {
  for await (const dataSet of dataSets) yield { headers: { 'Content-Type': DICOM_XML }, body: nativeXml(dataSet) };
}
