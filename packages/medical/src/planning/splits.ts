import { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';

/** What a split needs to know of a case. */
export interface SplitCase {
  readonly id: string;
  /** Cases of one patient never part. */
  readonly patient: string;
  /** Patients are shared out evenly within each stratum, such as a site; a patient's first case decides. */
  readonly stratum?: string;
}

/** Case ids. */
export interface Split {
  readonly training: readonly string[];
  readonly validation: readonly string[];
}

/**
 * Sets a share of the patients aside for validation; the same seed gives the same split, in whatever order cases come.
 *
 * @param share - of the patients, above 0 and below 1; at least one patient lands on each side
 * @throws INVALID_ARGUMENT, DATA_MISMATCH when there are fewer than two patients
 */
export function holdOutSplit(cases: readonly SplitCase[], share: number, seed: number | string): Split {
  if (!(share > 0 && share < 1)) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'share of patients held out',
      got: share,
      expected: 'between 0 and 1',
    });
  }
  const patients = dealPatients(cases, seed);
  requirePatients(patients.length, 2);
  const count = Math.min(patients.length - 1, Math.max(1, Math.round(share * patients.length)));
  // The list goes stratum after stratum, so evenly spaced places take from each in proportion.
  const places = new Set(Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * patients.length) / count)));
  return splitBy(cases, new Set(patients.filter((_, place) => places.has(place))));
}

/**
 * `folds` splits; each patient is in the validation part of exactly one.
 *
 * @throws INVALID_ARGUMENT, DATA_MISMATCH when there are fewer patients than folds
 */
export function kFoldSplits(cases: readonly SplitCase[], folds: number, seed: number | string): Split[] {
  if (!Number.isInteger(folds) || folds < 2) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'number of folds',
      got: folds,
      expected: 'a whole number from 2',
    });
  }
  const patients = dealPatients(cases, seed);
  requirePatients(patients.length, folds);
  return Array.from({ length: folds }, (_, fold) =>
    splitBy(cases, new Set(patients.filter((_, place) => place % folds === fold))),
  );
}

/**
 * The split a person asks for: `last:30`, `first:30` and `every:5` (by id in alphabetical order; of the fifth, the tenth and so on), or ids with
 * commas between them.
 *
 * @throws INVALID_ARGUMENT when an id is unknown, a part would be empty or a patient would stand on both sides
 */
export function explicitSplit(cases: readonly SplitCase[], validation: string): Split {
  const chosen = new Set(chooseIds(cases.map(({ id }) => id).toSorted(), validation));
  const patientsOf = (inside: boolean) =>
    new Set(cases.filter(({ id }) => chosen.has(id) === inside).map(({ patient }) => patient));
  const [held, rest] = [patientsOf(true), patientsOf(false)];
  const both = [...held].filter((patient) => rest.has(patient));
  if (both.length > 0) {
    const expected = 'each patient on one side only';
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'patients in training and validation',
      got: both.length,
      expected,
    });
  }
  if (rest.size === 0) {
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'cases left for training', got: 0, expected: 'at least 1' });
  }
  return splitBy(cases, held);
}

function chooseIds(ids: readonly string[], validation: string): readonly string[] {
  const [, side, count] = /^(first|last|every):(\d+)$/.exec(validation) ?? [];
  if (side !== undefined) {
    const n = Number(count);
    const [least, most] = side === 'every' ? [2, ids.length] : [1, ids.length - 1];
    if (n < least || n > most) {
      const expected = `${least} to ${most}`;
      throw new VesaliusError('INVALID_ARGUMENT', { what: 'cases for validation', got: n, expected });
    }
    if (side === 'every') return ids.filter((_, i) => (i + 1) % n === 0);
    return side === 'last' ? ids.slice(-n) : ids.slice(0, n);
  }
  const named = validation
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  const unknown = named.find((id) => !ids.includes(id));
  if (unknown === undefined && named.length > 0) return named;
  const expected = 'case ids with commas between them, last:N, first:N or every:N';
  throw new VesaliusError('INVALID_ARGUMENT', { what: 'cases for validation', got: unknown ?? validation, expected });
}

/** Patients in random order, stratum after stratum. */
function dealPatients(cases: readonly SplitCase[], seed: number | string): string[] {
  const strata = new Map<string, string>();
  for (const { patient, stratum = '' } of cases.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (!strata.has(patient)) strata.set(patient, stratum);
  }
  const random = new Random(seed).fork('split');
  const patientsOf = (stratum: string) => [...strata.keys()].filter((patient) => strata.get(patient) === stratum);
  const names = random.shuffle([...new Set(strata.values())].toSorted());
  return names.flatMap((stratum) => random.shuffle(patientsOf(stratum).toSorted()));
}

function requirePatients(got: number, fewest: number): void {
  if (got < fewest)
    throw new VesaliusError('DATA_MISMATCH', { what: 'patients to split', got, expected: `at least ${fewest}` });
}

function splitBy(cases: readonly SplitCase[], held: ReadonlySet<string>): Split {
  const ids = (inside: boolean) =>
    cases
      .filter(({ patient }) => held.has(patient) === inside)
      .map(({ id }) => id)
      .toSorted();
  return { training: ids(false), validation: ids(true) };
}
