import type { Annotation } from './annotations.ts';

/** Of more, the newest are compared: all their masks are held at once. */
const MOST = 12;

/** One of the label maps of a series that are compared. */
export interface Rated {
  readonly id: string;
  /** The values of its classes. */
  readonly values: readonly number[];
  readonly mask: Uint8Array;
}

/** Those on another grid than the newest are left out. */
export async function readRated(
  annotations: readonly Annotation[],
  readMask: (id: string) => Promise<Uint8Array>,
): Promise<readonly Rated[]> {
  const size = String(annotations[0]?.size);
  const compared = annotations.filter((one) => String(one.size) === size).slice(0, MOST);
  const rated: Rated[] = [];
  for (const { id, segments } of compared)
    rated.push({ id, values: segments.map(({ value }) => value), mask: await readMask(id) });
  return rated;
}

/** The values of all, each once. */
export function valuesOf(rated: readonly Rated[]): readonly number[] {
  return [...new Set(rated.flatMap(({ values }) => values))].sort((a, b) => a - b);
}
