import { createHash } from 'node:crypto';
import { buildSeries, createDataSet, createElement, type DataSet } from '@vesalius/dicom';
import { readVolume } from '@vesalius/volume';

const ENDING = /\.(nii|nii\.gz|nrrd)$/i;
const LONGEST_DESCRIPTION = 64;

/** Whether a file is of a format that holds a volume without a patient: NIfTI, NRRD. */
export function isVolumeFile(name: string): boolean {
  return ENDING.test(name);
}

/**
 * The slices of a volume's file as a study of its own, described by the file's name. Its UIDs come from the file's bytes: the same file
 * again is the same study.
 *
 * @throws as `readVolume` and `buildSeries`
 */
export async function instancesOfVolume(bytes: Uint8Array, name: string): Promise<DataSet[]> {
  const hash = createHash('sha256').update(bytes).digest('hex');
  const uid = (part: string) => uidFrom(`${hash} ${part}`);
  const description = name.replace(ENDING, '').slice(0, LONGEST_DESCRIPTION);
  const source = createDataSet({
    PatientID: `volume-${hash.slice(0, 12)}`,
    StudyInstanceUID: uid('study'),
    FrameOfReferenceUID: uid('frame of reference'),
    StudyDescription: description,
  });
  const options = { source, seriesInstanceUid: uid('series'), seriesDescription: description };
  const slices = buildSeries(await readVolume(bytes, name), options);
  return slices.map((slice, i) => slice.with(createElement('SOPInstanceUID', uid(`slice ${i}`))));
}

/** PS3.5 B.2: a UUID as a number below 2.25; here one that names content (RFC 9562 version 8). */
function uidFrom(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}`;
}
