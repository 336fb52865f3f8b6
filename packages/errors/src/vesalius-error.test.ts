import { expect, test } from 'vitest';
import { VesaliusError } from './vesalius-error.ts';

test('says code, what, got, expected and file in one line', () => {
  const error = new VesaliusError('SHAPE_MISMATCH', {
    what: 'label size',
    got: [2, 3],
    expected: [2, 4],
    file: 'a.nii',
  });
  expect(error.message).toBe('SHAPE_MISMATCH: label size, got [2, 3], expected [2, 4] (a.nii)');
});

test('keeps the message on one line whatever it is given', () => {
  expect(new VesaliusError('FILE_FORMAT', { what: 'header', got: 'a\nb' }).message).not.toContain('\n');
});
