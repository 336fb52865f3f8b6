import { Readable } from 'node:stream';
import { readDicom } from '@vesalius/dicom';
import { type OutgoingPart, writeParts } from '../../http/multipart/write-parts.ts';
import { writeZip, type ZipEntry, zipLength } from '../../http/write-zip.ts';
import type { Archive, InstanceRecord } from '../../store/archive.ts';
import { sendMultipart } from '../answers.ts';
import { acceptOf, type Call, instancesOf, recordEvent } from '../call.ts';
import { chooseOffer, type Offer } from '../media/accept.ts';
import { canDecode, EXPLICIT_LITTLE_UID, encodable, IMPLICIT_LITTLE_UID } from '../media/transfer-syntaxes.ts';
import { READ_LIMITS } from '../pixels/decoding-limits.ts';
import { transcode } from '../pixels/transcode.ts';
import { unreadable } from '../pixels/unreadable.ts';

export const DICOM = 'application/dicom';
const ZIP = 'application/zip';
const NATIVE = [EXPLICIT_LITTLE_UID, IMPLICIT_LITTLE_UID];
/** An instance is transcoded in memory. */
const TRANSCODED_BYTES = 1 << 29;
const SMALL_BYTES = 1 << 20;
/** Stored bytes whose transcoded form is held, so that its length can be told. */
const HELD_BYTES = 1 << 23;

/** Gives instances whole: PS3.18 10.4.1.1.1 to 10.4.1.1.3. */
export async function wadoInstances(call: Call) {
  const { request, reply, services } = call;
  const records = await instancesOf(call);
  const forms = chooseForms(acceptOf(request), records);
  const [first] = forms.values();
  await recordEvent(call, 'retrieved', {
    studies: records.map(({ studyInstanceUid }) => studyInstanceUid),
    detail: `${records.length} instances`,
  });
  if (first?.type === ZIP) {
    const length = zipLength(records.map((record) => ({ name: nameOf(record), bytes: record.sizeBytes })));
    const bytes = writeZip(filesOf(records, services.archive));
    return reply
      .type(ZIP)
      .header('content-length', length)
      .send(Readable.from(bytes, { objectMode: false }));
  }
  const parts = records.map((record) => partOf(services.archive, record, forms.get(record.transferSyntaxUid)));
  const bytes = records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const ready = bytes <= HELD_BYTES ? await inTurn(parts, made) : parts;
  if (first?.multipart) return sendMultipart(call, writeParts(DICOM, ready));
  return sendOne(call, ready[0] as OutgoingPart);
}

function nameOf({ seriesInstanceUid, sopInstanceUid }: InstanceRecord): string {
  return `${seriesInstanceUid}/${sopInstanceUid}.dcm`;
}

/** Each is opened when its turn comes. */
function* filesOf(records: readonly InstanceRecord[], archive: Archive): Generator<ZipEntry> {
  for (const record of records) yield { name: nameOf(record), body: archive.stream(record) };
}

/** What to give for each transfer syntax that is there. @throws 406 */
function chooseForms(accept: string | undefined, records: readonly InstanceRecord[]): ReadonlyMap<string, Offer> {
  const forms = new Map<string, Offer>();
  for (const record of records) {
    const uid = record.transferSyntaxUid;
    if (!forms.has(uid)) forms.set(uid, chooseOffer(accept, offersOf(record, records.length)));
  }
  return forms;
}

function offersOf(record: InstanceRecord, count: number): Offer[] {
  const syntaxes = dicomForms(record);
  return [
    ...syntaxes.map((form) => ({ ...form, multipart: true })),
    ...(count === 1 ? syntaxes.map((form) => ({ ...form, multipart: false })) : []),
    { type: ZIP, multipart: false },
  ];
}

/**
 * An instance in each transfer syntax that it can be given in; who names none gets it as it is stored when that is native, else
 * decoded: PS3.18 8.7.3.5.2.
 */
export function dicomForms({ transferSyntaxUid: uid, frames, sizeBytes }: InstanceRecord): Omit<Offer, 'multipart'>[] {
  const stored = { type: DICOM, transferSyntax: uid, stored: true };
  const isNative = NATIVE.includes(uid);
  const isReadable = isNative || canDecode(uid) || frames === 0 || !uid.startsWith('1.2.840.10008.1.2.4');
  if (!isReadable || sizeBytes > TRANSCODED_BYTES) return [stored];
  const others = [...NATIVE, ...(frames > 0 ? encodable('lossless') : [])].filter((other) => other !== uid);
  const made = others.map((transferSyntax) => ({ type: DICOM, transferSyntax }));
  return isNative ? [stored, ...made] : [...made.slice(0, 1), stored, ...made.slice(1)];
}

/** An instance as a part: as it lies in the archive, or transcoded when its turn comes. */
export function partOf(
  archive: Archive,
  record: InstanceRecord,
  form: Omit<Offer, 'multipart'> | undefined,
): OutgoingPart {
  const uid = form?.transferSyntax ?? record.transferSyntaxUid;
  const headers = { 'Content-Type': `${DICOM}; transfer-syntax=${uid}` };
  if (uid === record.transferSyntaxUid)
    return { headers, body: () => bytesOf(archive, record), length: record.sizeBytes };
  return {
    headers,
    body: async function* () {
      yield await transcoded(archive, record, uid);
    },
  };
}

/** A small file in one read, which costs a fraction of a stream. */
async function* bytesOf(archive: Archive, record: InstanceRecord): AsyncGenerator<Uint8Array> {
  if (record.sizeBytes > SMALL_BYTES) yield* archive.stream(record) as AsyncIterable<Uint8Array>;
  else yield await wholeFile(archive, record);
}

async function wholeFile(archive: Archive, record: InstanceRecord): Promise<Uint8Array> {
  return new Uint8Array(await archive.open(record).slice(0, record.sizeBytes).arrayBuffer());
}

async function transcoded(archive: Archive, record: InstanceRecord, uid: string): Promise<Uint8Array> {
  const bytes = await wholeFile(archive, record);
  try {
    return await transcode(await readDicom(bytes, { limits: READ_LIMITS }), uid);
  } catch (error) {
    throw unreadable(error);
  }
}

/** A part whose length is known. */
async function made(part: OutgoingPart): Promise<OutgoingPart> {
  if (part.body instanceof Uint8Array || part.length !== undefined) return part;
  const chunks: Uint8Array[] = [];
  for await (const chunk of part.body()) chunks.push(chunk);
  return { ...part, body: Buffer.concat(chunks) };
}

async function inTurn<T>(list: readonly T[], step: (one: T) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (const one of list) done.push(await step(one));
  return done;
}

export async function sendOne({ reply }: Call, part: OutgoingPart) {
  const { headers, body, length } = await made(part);
  void reply.type(headers['Content-Type'] ?? DICOM);
  if (body instanceof Uint8Array) return reply.send(body);
  return reply.header('content-length', length).send(Readable.from(body(), { objectMode: false }));
}
