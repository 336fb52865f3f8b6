import { codesOfGroup, contextGroups } from '../codes/codes.ts';

/** Of scanning, which the code tables lack. */
const OF_SCANNING = `
  acquisition adc angio angiography arterial average axial axials b0 biopsy bold bone brain breath calibration chest cine contrast coronal
  cranial ct cta cube delayed diffusion dixon dti dual dwi echo ep2d epi fat field flair flash frame gadolinium gradient gre head helical
  high hires image images in isotropic kernel left localizer localiser lossy low lung map mammogram mean mip motion mpr mprage mr mra mri
  native noncontrast of oblique original out pd perfusion pet phase plain post pre primary prostate proton recon reformat reg registered
  resolution rest right routine sagittal saturated scan scout screening secondary sequence series set short slice smooth soft space spin
  spiral spgr spoiled stack standard std stir stress survey swi t1 t1w t2 t2w tfl3d test the thick thin thorax time tissue tof tra tse
  turbo two three vibe view volume weighted whole window with without x y z`;
const NUMBER = /^[a-z]?\d{1,3}([.,]\d{1,2})?(mm|cm|s|ms|t|d|deg|%)?$/i;

let known: ReadonlySet<string> | undefined;

/** The words of the meanings of codes: anatomy, findings, measurements, units. */
function knownWords(): ReadonlySet<string> {
  known ??= new Set([
    ...[...contextGroups().keys()].flatMap((group) =>
      codesOfGroup(group).flatMap(({ meaning }) => meaning.toLowerCase().split(/[^a-z0-9]+/)),
    ),
    ...OF_SCANNING.trim().split(/\s+/),
  ]);
  return known;
}

/**
 * A description less every word that is no known term of medicine or scanning, and no short number: PS3.15 E.3.5. A name that is such
 * a term too is `hidden` by the data set it stands in.
 */
export function cleanText(text: string, hidden: (word: string) => boolean, words: readonly string[] = []): string {
  const allowed = new Set(words.map((word) => word.toLowerCase()));
  const keeps = (word: string): boolean =>
    !hidden(word) && (NUMBER.test(word) || allowed.has(word.toLowerCase()) || knownWords().has(word.toLowerCase()));
  return text
    .split(/[^A-Za-z0-9.,%]+/)
    .map((word) => word.replace(/^[.,]+|[.,]+$/g, ''))
    .filter((word) => word !== '' && keeps(word))
    .join(' ');
}
