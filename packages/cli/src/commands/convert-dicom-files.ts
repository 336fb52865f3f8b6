import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileErrorOf, listFolder, readFileBytes } from '@vesalius/bundle/files';
import { type DicomFile, readDicom } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';

/** A DICOM file and its path below the folder that was asked for. */
export interface FoundDicomFile {
  readonly name: string;
  readonly file: DicomFile;
}

/**
 * The DICOM files of a folder and those in it, one after another, or the one file. Other files of a folder are passed over.
 *
 * @throws FILE_NOT_FOUND, FILE_UNREADABLE; FILE_FORMAT where the one file is no DICOM
 */
export async function* dicomFilesIn(path: string, name = ''): AsyncGenerator<FoundDicomFile> {
  const found = await stat(path).catch((error: unknown) => {
    throw fileErrorOf(error, path);
  });
  if (!found.isDirectory()) {
    yield {
      name: name || (path.split(/[\\/]/).at(-1) ?? ''),
      file: await readDicom(await readFileBytes(path), { file: path }),
    };
    return;
  }
  const { files, folders } = await listFolder(path);
  for (const inner of files) {
    const file = await dicomOrNothing(join(path, inner));
    if (file) yield { name: join(name, inner), file };
  }
  for (const folder of folders) yield* dicomFilesIn(join(path, folder), join(name, folder));
}

async function dicomOrNothing(path: string): Promise<DicomFile | undefined> {
  try {
    return await readDicom(await readFileBytes(path), { file: path });
  } catch (error) {
    if (error instanceof VesaliusError && error.code === 'FILE_FORMAT') return undefined;
    throw error;
  }
}
