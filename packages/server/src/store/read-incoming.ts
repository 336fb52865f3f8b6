import {
  type DicomHeader,
  type DicomJson,
  type Element,
  type RandomAccess,
  readDicomHeader,
  toJson,
} from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import type { InstanceKey } from './archive.ts';
import { textOf, wholeNumberOf } from './attribute-levels.ts';

/** What a file says of itself. */
export interface IncomingInstance extends InstanceKey {
  readonly transferSyntaxUid: string;
  readonly frames: number;
  /** The data set before its pixels; long binary values are empty. */
  readonly dataSet: DicomJson;
}

const UID = /^[\d.]{1,64}$/;
const INLINE_BYTES = 1024;
const PIXEL_GROUP = 0x7fe0;
const PIXELS = ['7FE00008', '7FE00009', '7FE00010'];

/** @throws VesaliusError what `readDicomHeader` throws; VALUE_INVALID where a UID is missing or none */
export async function readIncoming(file: RandomAccess): Promise<IncomingInstance> {
  const header = await readDicomHeader(file);
  const dataSet = metadataOf(header);
  const uid = (tag: string, what: string): string => {
    const value = textOf(dataSet, tag);
    if (value !== undefined && UID.test(value)) return value;
    throw new VesaliusError('VALUE_INVALID', {
      what,
      got: value === undefined ? 'nothing' : 'no UID',
      expected: 'a UID',
    });
  };
  return {
    sopClassUid: uid('00080016', 'SOPClassUID'),
    sopInstanceUid: uid('00080018', 'SOPInstanceUID'),
    studyInstanceUid: uid('0020000D', 'StudyInstanceUID'),
    seriesInstanceUid: uid('0020000E', 'SeriesInstanceUID'),
    transferSyntaxUid: header.transferSyntax.uid,
    frames: framesOf(header, dataSet),
    dataSet,
  };
}

/** The data set of a header as JSON, long binary values emptied. */
export function metadataOf(header: DicomHeader): DicomJson {
  const long = ({ kind, vr, ...element }: Element): boolean =>
    kind === 'value' && /^(O.|UN)$/.test(vr) && 'bytes' in element && element.bytes.length > INLINE_BYTES;
  const json = toJson(header.dataSet, { bulkDataUri: (element) => (long(element) ? '' : undefined) });
  return JSON.parse(JSON.stringify(json, (name, value) => (name === 'BulkDataURI' ? undefined : value)));
}

function framesOf({ next }: DicomHeader, dataSet: DicomJson): number {
  // A deflated file is read whole, pixels and all.
  const there = next === undefined ? PIXELS.some((tag) => tag in dataSet) : next.tag >>> 16 === PIXEL_GROUP;
  if (!there) return 0;
  return Math.max(1, wholeNumberOf(dataSet, '00280008') ?? 1);
}
