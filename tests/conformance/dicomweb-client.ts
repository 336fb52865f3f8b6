import { createDicomFile, createElement, DataSet, type DicomJson, type Element, writeDicom } from '@vesalius/dicom';
import { parseMediaType } from '../../packages/server/src/dicomweb/media/media-type.ts';
import { MultipartParser } from '../../packages/server/src/http/multipart/multipart-parser.ts';

export const STUDY = '1.2.826.0.1.3680043.8.498.7';
const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

export const instanceUid = (number: number, study = STUDY) => `${study}.1.${number}`;

export const ROWS = 6;
export const COLUMNS = 10;

export interface PictureOptions {
  readonly study?: string;
  readonly frames?: number;
  readonly more?: readonly Element[];
}

/** Pixels that differ between frames and numbers. */
export function pixelsOf(number: number, frames = 1): Uint16Array {
  return Uint16Array.from({ length: frames * ROWS * COLUMNS }, (_, i) => (i * 7 + number * 100) % 4096);
}

/** A small image of a study. */
export function picture(number: number, { study = STUDY, frames = 1, more = [] }: PictureOptions = {}): DataSet {
  return new DataSet([
    createElement('SOPClassUID', SECONDARY_CAPTURE),
    createElement('SOPInstanceUID', instanceUid(number, study)),
    createElement('StudyDate', '20200101'),
    createElement('StudyTime', '120000'),
    createElement('AccessionNumber', 'A1'),
    createElement('Modality', 'OT'),
    createElement('PatientName', 'Secret^Marker'),
    createElement('PatientID', 'P-SECRET'),
    createElement('StudyID', '1'),
    createElement('StudyInstanceUID', study),
    createElement('SeriesInstanceUID', `${study}.1`),
    createElement('SeriesNumber', 1),
    createElement('InstanceNumber', number),
    createElement('SamplesPerPixel', 1),
    createElement('PhotometricInterpretation', 'MONOCHROME2'),
    ...(frames > 1 ? [createElement('NumberOfFrames', frames)] : []),
    createElement('Rows', ROWS),
    createElement('Columns', COLUMNS),
    createElement('BitsAllocated', 16),
    createElement('BitsStored', 12),
    createElement('HighBit', 11),
    createElement('PixelRepresentation', 0),
    createElement('PixelData', pixelsOf(number, frames)),
    ...more,
  ]);
}

export function fileOf(dataSet: DataSet): Promise<Uint8Array<ArrayBuffer>> {
  return writeDicom(createDicomFile(dataSet));
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** A request of several parts. */
export function multipart(parts: readonly (Sent | Uint8Array)[], type = 'application/dicom') {
  const pieces = parts.flatMap((part) => {
    const { headers, body } = part instanceof Uint8Array ? { headers: { 'Content-Type': type }, body: part } : part;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return [Buffer.from(`\r\n--edge\r\n${lines.join('')}\r\n`), Buffer.from(body)];
  });
  return {
    method: 'POST',
    headers: { 'Content-Type': `multipart/related; type="${type}"; boundary=edge` },
    body: Buffer.concat([...pieces, Buffer.from('\r\n--edge--')]),
  };
}

/** The parts of an answer. */
export async function partsOf(answer: Response): Promise<{ readonly type: string; readonly body: Buffer }[]> {
  const boundary = parseMediaType(answer.headers.get('content-type') ?? '')?.parameters.get('boundary') ?? '';
  const parser = new MultipartParser(boundary);
  const parts: { type: string; chunks: Uint8Array[] }[] = [];
  for (const event of parser.push(new Uint8Array(await answer.arrayBuffer()))) {
    if (event.kind === 'part') parts.push({ type: event.headers.get('content-type') ?? '', chunks: [] });
    if (event.kind === 'data') parts.at(-1)?.chunks.push(event.bytes);
  }
  parser.end();
  return parts.map(({ type, chunks }) => ({ type, body: Buffer.concat(chunks) }));
}

/** The values of an attribute of the items of a sequence. */
export function valuesIn(json: DicomJson, sequence: string, tag: string): unknown[] {
  return (json[sequence]?.Value ?? []).map((item) => (item as DicomJson)[tag]?.Value?.[0]);
}
