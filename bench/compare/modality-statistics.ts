import { bootstrapInterval, type ConfidenceInterval, meanOfNumbers } from '@vesalius/medical';
import type { ScoredRow } from './region-comparison.ts';

/** Which rows: of these methods, with this subset of modalities where one is named. */
export interface Selection {
  readonly methods: readonly string[];
  readonly subset?: string;
}

/** Dice by patient: the mean over regions, seeds, methods and subsets of what is selected. */
export function diceByPatient(
  rows: readonly Pick<ScoredRow, 'method' | 'patient' | 'subset' | 'values'>[],
  { methods, subset }: Selection,
  regions: readonly string[],
): Map<string, number> {
  const chosen = rows.filter((row) => methods.includes(row.method) && (subset === undefined || row.subset === subset));
  const patients = [...new Set(chosen.map(({ patient }) => patient))].sort();
  const valuesOf = (patient: string): number[] =>
    chosen
      .filter((row) => row.patient === patient)
      .flatMap(({ values }) => regions.map((region) => values[region] as number));
  return new Map(patients.map((patient) => [patient, meanOfNumbers(valuesOf(patient))]));
}

/** How much better the first is than the second, over the same patients: the relative gain of the means, or their difference. */
export function pairedGain(
  first: ReadonlyMap<string, number>,
  second: ReadonlyMap<string, number>,
  kind: 'relative' | 'difference',
): ConfidenceInterval {
  const pairs = [...first].map(([patient, value]) => [value, second.get(patient) ?? Number.NaN] as const);
  return bootstrapInterval(pairs.length, (cases) => {
    const [a, b] = [0, 1].map((side) =>
      meanOfNumbers(Float64Array.from(cases, (i) => pairs[i]?.[side] ?? Number.NaN)),
    ) as [number, number];
    return kind === 'relative' ? a / b - 1 : a - b;
  });
}

/** `gain`, `gainLow` and `gainHigh`. */
export function withEnds(name: string, { estimate, low, high }: ConfidenceInterval): Record<string, number> {
  return { [name]: estimate, [`${name}Low`]: low, [`${name}High`]: high };
}
