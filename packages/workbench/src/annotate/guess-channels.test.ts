import { expect, test } from 'vitest';
import { guessChannels } from './guess-channels.ts';

const series = ['3 MR t2_tse', '4 MR t1 mprage', '5 MR t1ce post', '6 MR FLAIR dark fluid'].map((name, i) => ({
  uid: String(i),
  name,
}));

test('channels are found by the words of the series, each series once', () => {
  expect(guessChannels(['T1', 'T1ce', 'T2', 'FLAIR'], series, '0')).toEqual(['1', '2', '0', '3']);
  expect(guessChannels(['T2TSE'], series, '3')).toEqual(['0']);
});

test('where nothing is told, the open series comes first, and few series are given twice', () => {
  expect(guessChannels(['qq', 'ww'], series, '2')).toEqual(['2', '0']);
  expect(guessChannels(['qq', 'ww'], series.slice(0, 1), '0')).toEqual(['0', '0']);
  expect(guessChannels(['qq'], [], '0')).toEqual(['']);
});
