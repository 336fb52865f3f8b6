import { expect, test } from 'vitest';
import { goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import { type ResizePlane, resizePlane } from './resize-plane.ts';

const { cases, parity, tolerance } = readGolden('transforms/resize-plane');

test.each(cases)(`equals ${parity}: $name`, ({ inputs, expected, options }) => {
  const planes = inputs['planes'];
  if (!planes || !expected['planes']) throw new Error('a case without planes');
  const [count = 0, height = 0, width = 0] = planes.shape;
  const values = goldenValues(planes) as Float32Array;
  const each = height * width;
  const { to, kernel, antialias } = options as unknown as ResizePlane;
  const got = Array.from({ length: count }, (_, n) => [
    ...resizePlane(values.subarray(n * each, (n + 1) * each), { from: [height, width], to, kernel, antialias }),
  ]).flat();
  expect(relativeError(got, goldenValues(expected['planes']))).toBeLessThan(tolerance);
});
