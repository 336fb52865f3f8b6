import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GoldenCase, goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import { majorityVote } from './majority-vote.ts';
import { staple } from './staple.ts';

const golden = readGolden('agreement/staple');

function masksOf({ inputs }: GoldenCase): Uint8Array[] {
  return Object.values(inputs).map((tensor) => goldenValues(tensor) as Uint8Array);
}

for (const one of golden.cases) {
  const expected = (name: string) => goldenValues(one.expected[name] as (typeof one.expected)[string]);
  test(`STAPLE answers as SimpleITK's: ${one.name}`, () => {
    const { raters, consensus } = staple(masksOf(one));
    const sensitivity = raters.map((rater) => rater.sensitivity);
    const specificity = raters.map((rater) => rater.specificity);
    expect(relativeError(sensitivity, expected('sensitivity'))).toBeLessThan(golden.tolerance);
    expect(relativeError(specificity, expected('specificity'))).toBeLessThan(golden.tolerance);
    expect(relativeError(consensus(), expected('weights'))).toBeLessThan(golden.tolerance);
  });

  test(`the majority is as SimpleITK's: ${one.name}`, () => {
    expect(majorityVote(masksOf(one))).toEqual(expected('majority'));
  });
}

const mask = fc.uint8Array({ minLength: 30, maxLength: 30, max: 3 });

test('raters who agree are perfect, and their label map is the consensus', () => {
  fc.assert(
    fc.property(mask, (one) => {
      expect(majorityVote([one, one, one])).toEqual(one);
      const { raters, consensus } = staple([one, one], { value: 1 });
      expect(raters).toEqual([
        { sensitivity: 1, specificity: 1 },
        { sensitivity: 1, specificity: 1 },
      ]);
      expect([...consensus()].map(Math.round)).toEqual([...one].map((value) => Number(value === 1)));
    }),
  );
});

test('the majority counts every vote: the smallest of the values that come most often', () => {
  fc.assert(
    fc.property(fc.array(mask, { minLength: 1, maxLength: 6 }), (masks) => {
      const expected = (masks[0] ?? []).map((_, i) => {
        const votes = [0, 1, 2, 3].map((value) => masks.filter((one) => one[i] === value).length);
        return votes.indexOf(Math.max(...votes));
      });
      expect(majorityVote(masks)).toEqual(expected);
    }),
  );
});

test('masks of different sizes and no masks are refused', () => {
  expect(() => staple([])).toThrow('INVALID_ARGUMENT');
  expect(() => majorityVote([])).toThrow('INVALID_ARGUMENT');
  expect(() => staple([new Uint8Array(3), new Uint8Array(4)])).toThrow('SHAPE_MISMATCH');
  expect(() => majorityVote([new Uint8Array(3), new Uint8Array(4)])).toThrow('SHAPE_MISMATCH');
});
