/** How images and labels are given. */
export const ENDING = '.nii.gz';

/** The file's name of an image: Slicer tells by its ending how to read it. */
export function fileNameOf(id: string): string {
  return `${id.replaceAll(/[^\w.-]/g, '_')}${ENDING}`;
}
