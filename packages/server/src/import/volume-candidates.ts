import { basename } from 'node:path';
import { createDicomFile, type DataSet, writeDicom } from '@vesalius/dicom';
import { instancesOfVolume } from '../store/instances-of-volume.ts';
import type { Candidate } from './import-candidates.ts';

/**
 * The slices of a volume as a study of its own, described by the file's name. Its UIDs come from the file's bytes: the same file again
 * is the same study.
 */
export async function* volumeCandidates(name: string, read: () => Promise<Uint8Array>): AsyncGenerator<Candidate> {
  let slices: DataSet[];
  try {
    slices = await instancesOfVolume(await read(), basename(name));
  } catch (error) {
    yield { name, open: () => Promise.reject(error) };
    return;
  }
  for (const [i, slice] of slices.entries())
    yield { name: `${name} #${i + 1}`, open: () => writeDicom(createDicomFile(slice)) };
}
