import type { DicomFile } from '../part10/read-dicom.ts';
import { createDicomFile } from '../part10/write-dicom.ts';
import { blackOut } from './black-out.ts';
import { blankComments } from './blank-comments.ts';
import { type Deidentified, deidentify } from './deidentify.ts';
import type { DeidentifyPolicy } from './policy.ts';

const EXPLICIT_LITTLE_UID = '1.2.840.10008.1.2.1';

/**
 * A file de-identified as a whole: preamble and meta information are made anew, regions blacked out. Compressed pixels stay as they are
 * unless a region is to be blacked out.
 *
 * @throws as `blackOut`
 */
export async function deidentifyFile(
  file: DicomFile,
  policy: DeidentifyPolicy,
): Promise<Omit<Deidentified, 'dataSet'> & { readonly file: DicomFile }> {
  const regions = policy.blackOut ?? [];
  const pixelless = regions.length === 0 || !file.dataSet.has('PixelData');
  const source = pixelless ? blankComments(file.dataSet) : await blackOut(file, regions);
  const { dataSet, ...report } = await deidentify(source, policy);
  const native = !pixelless && file.transferSyntax.encapsulated;
  return { file: createDicomFile(dataSet, native ? EXPLICIT_LITTLE_UID : file.transferSyntax.uid), ...report };
}
