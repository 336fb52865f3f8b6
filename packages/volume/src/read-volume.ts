import { VesaliusError } from '@vesalius/errors';
import { readNifti } from './nifti/read-nifti.ts';
import { writeNifti } from './nifti/write-nifti.ts';
import { readNrrd } from './nrrd/read-nrrd.ts';
import { writeNrrd } from './nrrd/write-nrrd.ts';
import type { Volume } from './volume.ts';

const EXPECTED = '.nii, .nii.gz or .nrrd';

/**
 * Reads a volume by its extension: .nii, .nii.gz or .nrrd. Errors as `readNifti` and `readNrrd`.
 *
 * @throws FILE_UNSUPPORTED for another extension
 */
export async function readVolume(bytes: Uint8Array, name: string): Promise<Volume> {
  if (/\.nii(\.gz)?$/i.test(name)) return readNifti(bytes, name);
  if (/\.(nrrd|nhdr)$/i.test(name)) return readNrrd(bytes, { file: name });
  throw new VesaliusError('FILE_UNSUPPORTED', { what: 'extension of the volume', expected: EXPECTED, file: name });
}

/**
 * Writes a volume as its extension says: .nii, .nii.gz or .nrrd.
 *
 * @throws FILE_UNSUPPORTED for another extension
 */
export async function writeVolume(volume: Volume, name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (/\.nii(\.gz)?$/i.test(name)) return writeNifti(volume, { gzip: /\.gz$/i.test(name) });
  if (/\.nrrd$/i.test(name)) return writeNrrd(volume);
  throw new VesaliusError('FILE_UNSUPPORTED', { what: 'extension of the volume', expected: EXPECTED, file: name });
}
