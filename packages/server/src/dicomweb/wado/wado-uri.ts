import type { InstanceRecord } from '../../store/archive.ts';
import { type Call, queryOf, recordEvent } from '../call.ts';
import { chooseOffer } from '../media/accept.ts';
import type { View } from '../pixels/render.ts';
import { badRequest, notFound } from '../refusals.ts';
import { decimal, pixels, readQuality, windowOf } from './view-parameters.ts';
import { DICOM, dicomForms, partOf, sendOne } from './wado-instances.ts';
import { sendPicture } from './wado-rendered.ts';

type Query = ReadonlyMap<string, string>;

/** Asked for and not done: refused rather than passed over, since a caller would take the answer for what it is not. */
const REFUSED = ['annotation', 'presentationUID', 'presentationSeriesUID'];

/** Gives one instance, as a file or as a picture: PS3.18 chapter 9. */
export async function wadoUri(call: Call) {
  const query = queryOf(call.request);
  const record = await recordOf(call, query);
  const refused = REFUSED.find((name) => query.has(name));
  if (refused !== undefined) throw badRequest(`parameter ${refused}`, { expected: 'none' });
  if ((query.get('anonymize') ?? 'no') !== 'no') throw badRequest('parameter anonymize', { expected: 'no' });
  const { type } = chooseOffer(query.get('contentType') ?? call.request.headers.accept, offersOf(record));
  if (type === DICOM) return sendFile(call, record, query.get('transferSyntax'));
  const frame = query.get('frameNumber') ?? '1';
  if (!/^[1-9]\d{0,8}$/.test(frame)) throw badRequest('parameter frameNumber', { expected: 'a number from 1' });
  if (Number(frame) > record.frames) throw notFound('frame', { expected: `1 to ${record.frames}` });
  const format = type === 'image/png' ? 'png' : 'jpeg';
  return sendPicture(call, { record, index: Number(frame) - 1 }, { ...readUriView(query), format });
}

/** PS3.18 9.1.2: a picture of what has a single frame, else the file. */
function offersOf({ frames }: InstanceRecord) {
  const pictures = frames > 0 ? ['image/jpeg', 'image/png'] : [];
  const types = frames === 1 ? [...pictures, DICOM] : [DICOM, ...pictures];
  return types.map((type) => ({ type, multipart: false }));
}

async function recordOf({ services, access }: Call, query: Query): Promise<InstanceRecord> {
  if (query.get('requestType') !== 'WADO') throw badRequest('parameter requestType', { expected: 'WADO' });
  const [study, series, instance] = ['studyUID', 'seriesUID', 'objectUID'].map((name) => {
    const uid = query.get(name) ?? '';
    if (!/^[\d.]{1,64}$/.test(uid)) throw badRequest(`parameter ${name}`, { expected: 'a UID' });
    return uid;
  }) as [string, string, string];
  const [record] = await services.archive.instances({ study, series, instance }, access);
  if (record === undefined) throw notFound('instance');
  return record;
}

async function sendFile(call: Call, record: InstanceRecord, transferSyntax = '*') {
  const offers = dicomForms(record).map((form) => ({ ...form, multipart: false }));
  const form = chooseOffer(`${DICOM}; transfer-syntax=${transferSyntax}`, offers);
  await recordEvent(call, 'retrieved', { studies: [record.studyInstanceUid], detail: '1 instances' });
  return sendOne(call, partOf(call.services.archive, record, form));
}

function readUriView(query: Query): Omit<View, 'format'> {
  const [center, width] = [query.get('windowCenter'), query.get('windowWidth')];
  if ((center === undefined) !== (width === undefined))
    throw badRequest('window', { expected: 'windowCenter and windowWidth' });
  const quality = query.get('imageQuality');
  return {
    ...(center === undefined || width === undefined ? {} : { window: windowOf(center, width) }),
    ...viewportOf(query),
    ...(quality === undefined ? {} : { quality: readQuality('imageQuality', quality) }),
  };
}

function viewportOf(query: Query): Pick<View, 'viewport'> {
  if (query.has('region')) throw badRequest('parameter region', { expected: 'none: WADO-RS has viewport' });
  const [rows, columns] = ['rows', 'columns'].map((name) => query.get(name));
  if (rows === undefined && columns === undefined) return {};
  // One side alone leaves the other free.
  return { viewport: pixels(decimal(columns ?? '8192'), decimal(rows ?? '8192')) };
}
