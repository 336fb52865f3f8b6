import { expect, test } from 'vitest';
import { findCodes, ownMeaning } from './find-codes.ts';

test('a meaning is found by the beginnings of its words or by its code, with its category', () => {
  const liver = { value: '10200004', scheme: 'SCT', meaning: 'Liver' };
  const anatomy = { value: '91723000', scheme: 'SCT', meaning: 'Anatomical Structure' };
  expect(findCodes('live', 5)[0]).toEqual({ type: liver, category: anatomy });
  expect(findCodes('10200004', 5)).toEqual([{ type: liver, category: anatomy }]);
  expect(findCodes('hippo', 5)[0]?.type).toMatchObject({ value: '5366008', meaning: 'Hippocampus' });
  expect(findCodes('a', 7)).toHaveLength(7);
  expect(findCodes('neoplasm', 1)[0]?.category.meaning).toBe('Morphologically Abnormal Structure');
  expect(findCodes(' ', 7)).toEqual([]);
});

test('own words are a private code that DICOM can hold', () => {
  expect(ownMeaning('Rim of the left lesion').type).toEqual({
    ...{ value: 'RIMOFTHELEFTLESI', scheme: '99VESALIUS', meaning: 'Rim of the left lesion' },
  });
  expect(ownMeaning('—').type.value).toBe('OTHER');
});
