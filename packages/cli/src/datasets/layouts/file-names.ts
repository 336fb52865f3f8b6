const SCAN = /\.(nii\.gz|nii|nrrd)$/i;
const PICTURE = /\.(png|jpe?g)$/i;

/** Files that can hold a scan or a label map. Pictures are found too, so that they can be refused by name. */
export function isImageFile(name: string): boolean {
  return SCAN.test(name) || PICTURE.test(name);
}

/** The name without folder-like parts of its extension: `a.nii.gz` to `a`. */
export function stemOf(name: string): string {
  return name.replace(SCAN, '').replace(PICTURE, '');
}
