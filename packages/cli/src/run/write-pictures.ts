import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileErrorOf } from '@vesalius/bundle/files';

interface NamedPicture {
  /** `axial`, or more words; it becomes a file's name. */
  readonly name: string;
  readonly png: Uint8Array;
}

/**
 * Keeps pictures of a step as PNG in the run's folder, where a page can show them: `pictures/00000120/axial.png`.
 *
 * @throws DISK_FULL, WRITE_FAILED
 */
export async function writePictures(runFolder: string, step: number, pictures: readonly NamedPicture[]): Promise<void> {
  const folder = join(runFolder, 'pictures', String(step).padStart(8, '0'));
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, png } of pictures) {
      const safe = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
      await writeFile(join(folder, `${safe}.png`), png);
    }
  } catch (error) {
    throw fileErrorOf(error, folder, true);
  }
}
