import { isPicture } from '../../pictures/read-picture.ts';

const SCAN = /\.(nii\.gz|nii|nrrd)$/i;
const PICTURE = /\.(png|jpe?g)$/i;

/** Files that can hold a scan, a picture or a label map. */
export function isImageFile(name: string): boolean {
  return SCAN.test(name) || isPicture(name);
}

/** The name without folder-like parts of its extension: `a.nii.gz` to `a`. */
export function stemOf(name: string): string {
  return name.replace(SCAN, '').replace(PICTURE, '');
}
