import { type OutgoingPart, streamParts, writeParts } from '../../http/multipart/write-parts.ts';
import { Refusal } from '../../http/refusal.ts';
import type { Archive, InstanceRecord } from '../../store/archive.ts';
import { sendMultipart } from '../answers.ts';
import { acceptOf, type Call, instancesOf, queryOf, recordEvent } from '../call.ts';
import { chooseOffer } from '../media/accept.ts';
import { pixelsOfFrame } from '../pixels/one-frame.ts';
import { renderFrame, type View } from '../pixels/render.ts';
import { unreadable } from '../pixels/unreadable.ts';
import { openInstance } from './open-header.ts';
import { readView } from './view-parameters.ts';
import { readFrameList } from './wado-frames.ts';

/** A frame of an instance, from 0. */
interface Picture {
  readonly record: InstanceRecord;
  readonly index: number;
}

const FORMATS = { 'image/jpeg': 'jpeg', 'image/png': 'png' } as const;
type PictureType = keyof typeof FORMATS;
const THUMBNAIL = { width: 128, height: 128 };
/** So many are made before the answer begins, so that its length can be told. */
const HELD_PICTURES = 16;

/**
 * Gives pictures that any program shows: PS3.18 10.4.1.1.4. Of a study or series one picture of each instance to who takes several, else
 * that of the one in the middle; of an instance its first frame.
 */
export async function wadoRendered(call: Call, frames?: string) {
  const view = readView(queryOf(call.request));
  const records = withPixels(await instancesOf(call));
  const pictures =
    frames === undefined
      ? records.map((record) => ({ record, index: 0 }))
      : readFrameList(frames, records[0]?.frames ?? 0).map((index) => ({
          record: records[0] as InstanceRecord,
          index,
        }));
  const isSingle = frames === undefined || pictures.length === 1;
  const types = Object.keys(FORMATS) as PictureType[];
  const offer = chooseOffer(acceptOf(call.request), [
    ...(isSingle ? types.map((type) => ({ type, multipart: false })) : []),
    ...types.map((type) => ({ type, multipart: true })),
  ]);
  if (!offer.multipart) return sendPicture(call, middle(pictures), { ...view, format: FORMATS[offer.type] });
  await recordPictures(call, pictures);
  const { archive } = call.services;
  const part = async (picture: Picture): Promise<OutgoingPart> => ({
    headers: { 'Content-Type': offer.type },
    body: await render(archive, picture, { ...view, format: FORMATS[offer.type] }),
  });
  if (pictures.length > HELD_PICTURES) {
    const parts = async function* () {
      for (const picture of pictures) yield await part(picture);
    };
    return sendMultipart(call, streamParts(offer.type, parts()));
  }
  const parts: OutgoingPart[] = [];
  for (const picture of pictures) parts.push(await part(picture));
  return sendMultipart(call, writeParts(offer.type, parts));
}

/** Gives a small picture of what is asked for: PS3.18 10.4.1.1.5. */
export async function wadoThumbnail(call: Call, frames?: string) {
  const view = { viewport: THUMBNAIL, ...readView(queryOf(call.request)) };
  const offer = chooseOffer(acceptOf(call.request), [
    { type: 'image/jpeg' as const, multipart: false },
    { type: 'image/png' as const, multipart: false },
  ]);
  const record = middle(withPixels(await instancesOf(call)));
  const index = frames === undefined ? Math.floor(record.frames / 2) : (readFrameList(frames, record.frames)[0] ?? 0);
  return sendPicture(call, { record, index }, { ...view, format: FORMATS[offer.type] });
}

/** Answers with one picture. */
export async function sendPicture(call: Call, picture: Picture, view: View) {
  const bytes = await render(call.services.archive, picture, view);
  await recordPictures(call, [picture]);
  return call.reply.type(`image/${view.format}`).send(bytes);
}

async function render(archive: Archive, { record, index }: Picture, view: View): Promise<Buffer> {
  const open = await openInstance(archive, record);
  try {
    return await renderFrame(await pixelsOfFrame(open, index), open.header.dataSet, { index, view });
  } catch (error) {
    throw unreadable(error);
  }
}

/** @throws 406 where no picture can be made */
function withPixels(records: readonly InstanceRecord[]): readonly InstanceRecord[] {
  const shown = records.filter(({ frames }) => frames > 0);
  if (shown.length > 0) return shown;
  throw new Refusal('NOT_ACCEPTABLE', { what: 'picture', got: 'no pixels' });
}

function middle<T>(list: readonly T[]): T {
  return list[Math.floor(list.length / 2)] as T;
}

function recordPictures(call: Call, pictures: readonly Picture[]): Promise<void> {
  return recordEvent(call, 'retrieved', {
    studies: pictures.map(({ record }) => record.studyInstanceUid),
    detail: `${pictures.length} pictures`,
  });
}
