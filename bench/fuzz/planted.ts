import { createElement, type DicomFile, readDicom, writeDicom } from '@vesalius/dicom';
import { dicomFiles } from '../../golden/dicom-files.ts';

/** What stands for a patient in every mutated file, and must not come out of an error or a log. */
export const PLANTED = ['QUXZYNAME', 'QUXZYID77', 'QUXZYWARD'] as const;

const MOST_BYTES = 40_000;

/** The small files of the data, each with a planted patient. */
export async function plantedFiles(): Promise<Uint8Array[]> {
  const planted: Uint8Array[] = [];
  for (const bytes of dicomFiles().values()) {
    if (bytes.length > MOST_BYTES) continue;
    planted.push(await writeDicom(plant(await readDicom(bytes))));
  }
  return planted;
}

function plant(file: DicomFile): DicomFile {
  const [name, id, ward] = PLANTED;
  const dataSet = file.dataSet.with(
    createElement('PatientName', `${name}^Ada`),
    createElement('PatientID', id),
    createElement('PatientComments', ward),
    createElement('StudyDescription', ward),
  );
  return { ...file, dataSet };
}
