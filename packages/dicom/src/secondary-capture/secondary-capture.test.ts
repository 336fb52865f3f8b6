import { expect, test } from 'vitest';
import { ctSeries } from '../../../../tests/conformance/objects-series.ts';
import { readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { decodeFrame } from '../pixels/decode-frame.ts';
import { buildSecondaryCapture } from './build-secondary-capture.ts';

const ABOUT = { source: ctSeries(), rows: 3, columns: 5, burnedInAnnotation: true };

test.each([
  ['grey', new Uint8Array(15).map((_, i) => 17 * i), 'MONOCHROME2'],
  ['deep grey', new Uint16Array(15).map((_, i) => 4000 * i), 'MONOCHROME2'],
  ['RGB', new Uint8Array(45).map((_, i) => 5 * i), 'RGB'],
] as const)('a picture in %s comes back', async (_, pixels, photometric) => {
  const file = await readDicom(await writeDicom(createDicomFile(buildSecondaryCapture({ ...ABOUT, pixels }))));
  const frame = await decodeFrame(file);
  expect(frame.samples).toEqual(pixels);
  expect(frame.photometric).toBe(photometric);
  expect(file.dataSet.string('BurnedInAnnotation')).toBe('YES');
  expect(file.dataSet.items('SourceImageSequence')).toHaveLength(5);
});

test('refuses pixels that do not fill the picture', () => {
  expect(() => buildSecondaryCapture({ ...ABOUT, pixels: new Uint8Array(14) })).toThrow('SHAPE_MISMATCH');
  expect(() => buildSecondaryCapture({ ...ABOUT, pixels: new Uint16Array(45) })).toThrow('SHAPE_MISMATCH');
});
