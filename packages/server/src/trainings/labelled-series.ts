import type { NewTraining, SegmentLabel } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import type { Annotation, Annotations } from '../annotations/annotations.ts';
import type { Access } from '../store/archive.ts';

const MOST = 10_000;
const FEWEST = 2;

/** The annotation to learn from of each labelled series: approved before submitted, a person's before a model's, the newest. */
export async function labelledSeries(
  annotations: Annotations,
  { project, labels, series }: Pick<NewTraining, 'project' | 'labels' | 'series'>,
): Promise<readonly Annotation[]> {
  const access: Access = { projects: [project] };
  const states = labels === 'approved' ? (['approved'] as const) : (['approved', 'submitted'] as const);
  const found = await annotations.list({ project, states, limit: MOST }, access);
  const asked = series && new Set(series);
  const best = new Map<string, Annotation>();
  for (const one of found) {
    if (asked && !asked.has(one.series)) continue;
    const former = best.get(one.series);
    if (!former || isBetter(one, former)) best.set(one.series, one);
  }
  if (best.size < FEWEST)
    throw new VesaliusError('DATA_MISMATCH', {
      what: `series with labels that are ${states.join(' or ')}`,
      got: best.size,
      expected: `at least ${FEWEST}`,
    });
  return [...best.values()].toSorted((a, b) => (a.series < b.series ? -1 : 1));
}

function isBetter(a: Annotation, b: Annotation): boolean {
  if (a.state !== b.state) return a.state === 'approved';
  if (a.annotator.kind !== b.annotator.kind) return a.annotator.kind === 'person';
  return a.updatedAt > b.updatedAt;
}

/**
 * One numbering of classes for all: by name, as the project numbers them, else as the first annotation that has it.
 *
 * @returns number by name, without the background
 */
export function numberClasses(
  known: readonly SegmentLabel[],
  annotations: readonly Annotation[],
): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const { name, value } of [...known, ...annotations.flatMap(({ segments }) => segments)]) {
    if (numbers.has(name)) continue;
    const taken = new Set(numbers.values());
    let number = value;
    while (taken.has(number)) number = (number % 255) + 1;
    numbers.set(name, number);
  }
  const used = new Set(annotations.flatMap(({ segments }) => segments.map(({ name }) => name)));
  return new Map([...numbers].filter(([name]) => used.has(name)));
}

/** A label map by the numbers of all. @throws LABEL_OUT_OF_RANGE for a value that is no segment's */
export function renumbered(
  mask: Uint8Array,
  { segments, series }: Pick<Annotation, 'segments' | 'series'>,
  numbers: ReadonlyMap<string, number>,
): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(256);
  for (const { name, value } of segments) table[value] = numbers.get(name) ?? 0;
  const result = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) {
    const value = mask[i] as number;
    result[i] = table[value] as number;
    if (value > 0 && result[i] === 0)
      throw new VesaliusError('LABEL_OUT_OF_RANGE', { what: `label map of series ${series}`, got: value });
  }
  return result;
}
