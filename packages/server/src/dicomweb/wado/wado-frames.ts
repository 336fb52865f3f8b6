import { type PixelLayout, pixelLayout } from '@vesalius/dicom';
import { type OutgoingPart, streamParts, writeParts } from '../../http/multipart/write-parts.ts';
import type { InstanceRecord } from '../../store/archive.ts';
import { sendMultipart } from '../answers.ts';
import { acceptOf, type Call, instancesOf, recordEvent } from '../call.ts';
import { chooseOffer, type Offer } from '../media/accept.ts';
import { canDecode, EXPLICIT_LITTLE_UID, encodable, frameMediaType } from '../media/transfer-syntaxes.ts';
import { makeFrame } from '../pixels/make-frame.ts';
import { storedFrame } from '../pixels/one-frame.ts';
import { unreadable } from '../pixels/unreadable.ts';
import { badRequest, notFound } from '../refusals.ts';
import { type OpenInstance, openInstance } from './open-header.ts';

const OCTETS = 'application/octet-stream';
const MOST_FRAMES = 100_000;
/** Frames of this size together are made before the answer begins, so that its length can be told. */
const HELD_BYTES = 1 << 25;

/** Gives frames of an instance: PS3.18 10.4.1.1.6. */
export async function wadoFrames(call: Call, list: string) {
  const [record] = await instancesOf(call);
  return sendFrames(call, record as InstanceRecord, readFrameList(list, (record as InstanceRecord).frames));
}

/** Frame numbers, which count from 1, as indices. @throws 400 for what is no list of numbers, 404 for a frame that is not there */
export function readFrameList(list: string, frames: number): number[] {
  const numbers = list.split(',');
  if (numbers.length > MOST_FRAMES || !numbers.every((number) => /^[1-9]\d{0,8}$/.test(number)))
    throw badRequest('frame list', { expected: 'numbers from 1, with commas' });
  const indices = numbers.map((number) => Number(number) - 1);
  if (indices.some((index) => index >= frames))
    throw notFound('frame', { expected: frames === 0 ? 'none' : `1 to ${frames}` });
  return indices;
}

/** Answers with frames, each read by itself. @param indices - from 0 */
export async function sendFrames(call: Call, record: InstanceRecord, indices: readonly number[]) {
  const open = await openInstance(call.services.archive, record);
  const layout = layoutOf(open);
  const offer = chooseOffer(acceptOf(call.request), offersOf(open, layout, indices.length));
  await recordEvent(call, 'retrieved', { studies: [record.studyInstanceUid], detail: `${indices.length} frames` });
  const type = `${offer.type}; transfer-syntax=${offer.transferSyntax}`;
  const part = async (index: number): Promise<OutgoingPart> => ({
    headers: { 'Content-Type': type },
    body: await frameAs(open, index, offer),
  });
  const first = await part(indices[0] as number);
  if (!offer.multipart) return call.reply.type(type).send(first.body);
  const rest = indices.slice(1);
  const frameBytes = (layout.rows * layout.columns * layout.samplesPerPixel * layout.bitsAllocated) / 8;
  if (frameBytes * indices.length > HELD_BYTES) {
    const parts = async function* () {
      yield first;
      for (const index of rest) yield await part(index);
    };
    return sendMultipart(call, streamParts(offer.type, parts()));
  }
  const parts = [first];
  for (const index of rest) parts.push(await part(index));
  return sendMultipart(call, writeParts(offer.type, parts));
}

function layoutOf({ header }: OpenInstance): PixelLayout {
  try {
    return pixelLayout(header.dataSet);
  } catch (error) {
    throw unreadable(error);
  }
}

async function frameAs(open: OpenInstance, index: number, { stored, transferSyntax }: Offer): Promise<Uint8Array> {
  try {
    if (stored && isCompressed(open)) return await storedFrame(open, index);
    return await makeFrame(open, index, transferSyntax ?? EXPLICIT_LITTLE_UID);
  } catch (error) {
    throw unreadable(error);
  }
}

/** Frames in fragments, whose end no length tells. */
function isCompressed({ header }: OpenInstance): boolean {
  return header.transferSyntax.encapsulated && header.next !== undefined && header.next.length === undefined;
}

/** Uncompressed for who names nothing; as stored or compressed anew for who names a media type: PS3.18 table 8.7.3-4. */
function offersOf(open: OpenInstance, layout: PixelLayout, count: number): Offer[] {
  const { uid } = open.header.transferSyntax;
  const compressed = isCompressed(open);
  const readable = !compressed || canDecode(uid);
  const native = { type: OCTETS, transferSyntax: EXPLICIT_LITTLE_UID, stored: !compressed };
  const stored = compressed
    ? [
        { type: frameMediaType(uid), transferSyntax: uid, stored: true },
        { type: OCTETS, transferSyntax: uid, stored: true, onlyNamed: true },
      ]
    : [];
  const isPicture = layout.element === 'PixelData' && [8, 16].includes(layout.bitsAllocated);
  const made = readable && isPicture ? madeForms(layout).filter(({ transferSyntax }) => transferSyntax !== uid) : [];
  const forms = [...(readable ? [native] : []), ...stored, ...made];
  return [
    ...forms.map((form) => ({ ...form, multipart: true })),
    ...(count === 1 ? forms.map((form) => ({ ...form, multipart: false })) : []),
  ];
}

function madeForms({ bitsAllocated }: PixelLayout) {
  const lossless = encodable('lossless').map((transferSyntax) => ({
    type: frameMediaType(transferSyntax),
    transferSyntax,
  }));
  const lossy = (bitsAllocated === 8 ? encodable('lossy') : []).map((transferSyntax) => ({
    type: frameMediaType(transferSyntax),
    transferSyntax,
    // Nobody loses anything without asking for it.
    onlyNamed: true,
  }));
  return [...lossless, ...lossy];
}
