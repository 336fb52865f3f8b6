import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataSet } from '../data-set/data-set.ts';
import { createElement } from './create-element.ts';
import { showDecimal } from './decimal.ts';

test('values come back as they were given', () => {
  const dataSet = new DataSet([
    createElement('PatientName', { alphabetic: 'Yamada^Tarou', phonetic: 'x' }),
    createElement('SmallestImagePixelValue', -3),
    createElement('FrameIncrementPointer', [0x00181063, 0x00181065]),
    createElement('SliceThickness', [0.1]),
    createElement('InstanceNumber', 7),
    createElement('SelectorUVValue', 2n ** 64n - 1n),
    createElement('StudyInstanceUID', '1.2.3'),
    createElement('ImageType', ['ORIGINAL', 'PRIMARY']),
    createElement('AccessionNumber', null),
  ]);
  expect(dataSet.personNames('PatientName')).toEqual([{ alphabetic: 'Yamada^Tarou', phonetic: 'x' }]);
  expect(dataSet.get('SmallestImagePixelValue')?.vr).toBe('SS');
  expect(dataSet.number('SmallestImagePixelValue')).toBe(-3);
  expect(dataSet.strings('FrameIncrementPointer')).toEqual(['00181063', '00181065']);
  expect(dataSet.number('SliceThickness')).toBe(0.1);
  expect(dataSet.number('InstanceNumber')).toBe(7);
  expect(dataSet.bigints('SelectorUVValue')).toEqual([2n ** 64n - 1n]);
  expect(dataSet.string('StudyInstanceUID')).toBe('1.2.3');
  expect(dataSet.strings('ImageType')).toEqual(['ORIGINAL', 'PRIMARY']);
  expect(dataSet.strings('AccessionNumber')).toEqual([]);
});

test.each([
  ['Rows', 70_000],
  ['Rows', 1.5],
  ['Rows', 'x'],
  ['InstanceNumber', 2 ** 40],
  ['SliceThickness', Number.NaN],
  ['StudyInstanceUID', '1.02.3'],
  ['Modality', 'not a code'],
  ['AccessionNumber', '12345678901234567'],
  ['PatientID', 'a\\b'],
  ['StudyDate', 'yesterday'],
  ['ReferencedSeriesSequence', 'x'],
  ['PixelData', 'x'],
] as const)('refuses %s of %s, without showing the value', (keyword, value) => {
  const fail = (): unknown => createElement(keyword, value);
  expect(fail).toThrow('VALUE_INVALID: value of (');
  expect(fail).not.toThrow(String(value).padEnd(4, '\0'));
});

test('a decimal takes at most 16 characters and keeps what fits', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), (value) => {
      const text = showDecimal(value);
      expect(text.length).toBeLessThanOrEqual(16);
      expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-8 + 5e-324);
    }),
  );
  expect(showDecimal(-1 / 3)).toBe('-0.3333333333333');
});
