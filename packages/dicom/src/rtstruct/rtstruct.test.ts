import { createVolume } from '@vesalius/volume';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ctSeries, organLabels, SIZE } from '../../../../tests/conformance/objects-series.ts';
import { codeNamed } from '../codes/codes.ts';
import { readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { buildStructureSet } from './build-structure-set.ts';
import { contoursOfMask, maskOfContours } from './contours.ts';
import { readStructureSet } from './read-structure-set.ts';
import { traceMask } from './trace-mask.ts';

test('a pixel is a square around its centre, two at a corner are apart, a bar has four corners', () => {
  expect(traceMask([1], 1, 1)).toEqual([[-0.5, -0.5, 0.5, -0.5, 0.5, 0.5, -0.5, 0.5]]);
  expect(traceMask([1, 0, 0, 1], 2, 2)).toHaveLength(2);
  expect(traceMask([1, 1, 1], 3, 1)).toEqual([[-0.5, -0.5, 2.5, -0.5, 2.5, 0.5, -0.5, 0.5]]);
});

test('a hole is joined to the ring around it by one cut', () => {
  const rings = traceMask([1, 1, 1, 1, 0, 1, 1, 1, 1], 3, 3);
  expect(rings).toHaveLength(1);
  expect(rings[0]).toHaveLength(2 * (4 + 4 + 2));
});

test('contours of any mask give the mask back through a file', async () => {
  const { size, voxelToLps } = organLabels();
  const length = SIZE[0] * SIZE[1] * SIZE[2];
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: length, maxLength: length, max: 1 }), async (values) => {
      const mask = createVolume({ voxels: Uint8Array.from(values), size, voxelToLps });
      const regions = [{ name: 'noise', content: mask, algorithm: 'AUTOMATIC' }] as const;
      const built = buildStructureSet({ source: ctSeries(), label: 'noise', regions });
      const { dataSet } = await readDicom(await writeDicom(createDicomFile(built)));
      const [region] = readStructureSet(dataSet).regions;
      expect([...maskOfContours(region?.contours ?? [], mask).voxels]).toEqual([...mask.voxels]);
    }),
    { numRuns: 30 },
  );
});

test('rings within rings within rings give the mask back', () => {
  const n = 15;
  const voxels = Uint8Array.from({ length: n * n }, (_, i) => {
    const ring = Math.min(i % n, n - 1 - (i % n), Math.floor(i / n), n - 1 - Math.floor(i / n));
    return ring % 2;
  });
  const mask = createVolume({ voxels, size: [n, n, 1] });
  expect(maskOfContours(contoursOfMask(mask), mask).voxels).toEqual(voxels);
});

test('an inner contour that stands alone is a hole', () => {
  const square = (from: number, to: number) => [from, from, 0, to, from, 0, to, to, 0, from, to, 0];
  const contours = [square(0.5, 5.5), square(1.5, 4.5)].map((points) => ({ type: 'CLOSED_PLANAR', points }) as const);
  const mask = maskOfContours(contours, createVolume({ voxels: new Uint8Array(49), size: [7, 7, 1] }));
  expect(mask.voxels.reduce((sum, value) => sum + value, 0)).toBe(25 - 9);
});

test('a structure set keeps what it says of its regions', () => {
  const labels = organLabels();
  const content = createVolume({ ...labels, voxels: labels.voxels.map((value) => Number(value === 1)) });
  const region = {
    name: 'Leber',
    description: 'vom Phantom',
    algorithm: 'MANUAL',
    interpretedType: 'ORGAN',
    identification: codeNamed('SCT', 'Liver'),
    color: [200, 60, 40],
  } as const;
  const built = buildStructureSet({ source: ctSeries(), label: 'PHANTOM', regions: [{ ...region, content }] });
  const read = readStructureSet(built);
  expect(read.label).toBe('PHANTOM');
  expect(read.regions[0]).toMatchObject({ ...region, number: 1 });
  expect(read.regions[0]?.contours.map(({ imageUids }) => imageUids?.[0]?.at(-1))).toEqual(['2', '3']);
});

test('refuses a contour that leaves its slice or the grid', () => {
  const grid = organLabels();
  const contour = (points: number[]) => [{ type: 'CLOSED_PLANAR', points } as const];
  expect(() => maskOfContours(contour([0, 0, 0, 0, 0, 50, 9, 9, 9]), grid)).toThrow('GEOMETRY_MISMATCH');
  expect(() => readStructureSet(ctSeries()[0] as never)).toThrow('VALUE_INVALID');
});
