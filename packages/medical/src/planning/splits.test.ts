import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explicitSplit, holdOutSplit, kFoldSplits, type SplitCase } from './splits.ts';

const cases = fc
  .uniqueArray(fc.nat(500), { minLength: 12, maxLength: 60 })
  .map((numbers): SplitCase[] =>
    numbers.map((n) => ({ id: `case${n}`, patient: `p${n % 10 < 5 ? n : n - 1}`, stratum: n % 3 === 0 ? 'a' : 'b' })),
  );
const patientsOf = (all: SplitCase[], ids: readonly string[]) =>
  new Set(all.filter(({ id }) => ids.includes(id)).map(({ patient }) => patient));

test('never parts a patient and uses every case once', () => {
  fc.assert(
    fc.property(cases, fc.double({ min: 0.05, max: 0.95, noNaN: true }), fc.nat(), (all, share, seed) => {
      const { training, validation } = holdOutSplit(all, share, seed);
      expect([...training, ...validation].toSorted()).toEqual(all.map(({ id }) => id).toSorted());
      expect(patientsOf(all, training).isDisjointFrom(patientsOf(all, validation))).toBe(true);
      expect(Math.min(training.length, validation.length)).toBeGreaterThan(0);
    }),
  );
});

test('gives the same split for the same seed, whatever the order of cases, and another for another seed', () => {
  fc.assert(
    fc.property(cases, fc.nat(), (all, seed) => {
      expect(holdOutSplit(all.toReversed(), 0.3, seed)).toEqual(holdOutSplit(all, 0.3, seed));
    }),
  );
  const all = Array.from({ length: 40 }, (_, i) => ({ id: `c${i}`, patient: `c${i}` }));
  expect(holdOutSplit(all, 0.3, 1)).not.toEqual(holdOutSplit(all, 0.3, 2));
});

test('puts each patient into the validation part of exactly one fold', () => {
  fc.assert(
    fc.property(cases, fc.nat(), (all, seed) => {
      const folds = kFoldSplits(all, 3, seed);
      expect(folds.flatMap(({ validation }) => validation).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    }),
  );
});

test('shares a stratum out evenly', () => {
  const all = Array.from({ length: 100 }, (_, i) => ({
    id: `c${i}`,
    patient: `c${i}`,
    stratum: i < 20 ? 'rare' : 'often',
  }));
  for (let seed = 0; seed < 20; seed++) {
    const rare = holdOutSplit(all, 0.2, seed).validation.filter((id) => Number(id.slice(1)) < 20).length;
    expect(Math.abs(rare - 4)).toBeLessThanOrEqual(1);
  }
});

test('takes the last cases by name, or ids, and refuses to part a patient', () => {
  const all = ['b2', 'a1', 'c3', 'b1'].map((id) => ({ id, patient: id[0] as string }));
  expect(explicitSplit(all, 'last:1')).toEqual({ training: ['a1', 'b1', 'b2'], validation: ['c3'] });
  expect(explicitSplit(all, 'every:4')).toEqual({ training: ['a1', 'b1', 'b2'], validation: ['c3'] });
  expect(explicitSplit(all, 'b2, b1')).toEqual({ training: ['a1', 'c3'], validation: ['b1', 'b2'] });
  expect(() => explicitSplit(all, 'b1')).toThrow(/INVALID_ARGUMENT: patients in training and validation/);
  expect(() => explicitSplit(all, 'd9')).toThrow(/got d9/);
  expect(() => explicitSplit(all, 'last:4')).toThrow(/1 to 3/);
  expect(() => explicitSplit(all, 'every:1')).toThrow(/2 to 4/);
});

test('refuses more folds than patients', () => {
  const all = [
    { id: 'a', patient: 'a' },
    { id: 'b', patient: 'a' },
  ];
  expect(() => kFoldSplits(all, 2, 0)).toThrow(/DATA_MISMATCH: patients to split, got 1, expected at least 2/);
});
