/** Colours that people with any colour vision can tell apart, on dark scans and on paper. */
const COLOURS = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 178, 128],
  [224, 98, 40],
  [204, 121, 167],
  [240, 228, 66],
  [64, 120, 220],
] as const;

/**
 * Red, green and blue of a class.
 *
 * @param index - 0 for the first class after the background; colours come again after the seventh
 * @source Okabe and Ito 2008, Color universal design
 */
export function classColour(index: number): readonly [number, number, number] {
  return COLOURS[index % COLOURS.length] ?? COLOURS[0];
}

export function classColourCss(index: number): string {
  return `rgb(${classColour(index).join(' ')})`;
}
