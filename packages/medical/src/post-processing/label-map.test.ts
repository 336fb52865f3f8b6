import { createVolume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { labelMapOf, maskOf } from './label-map.ts';

test('a volume of whole numbers becomes a label map with the spacing of its affine, whatever its type', () => {
  const size = [2, 1, 1] as const;
  const bytes = createVolume({ voxels: new Uint8Array([0, 3]), size });
  expect(labelMapOf(bytes)).toEqual({ voxels: bytes.voxels, size, spacingMm: [1, 1, 1] });
  expect(labelMapOf(bytes).voxels).toBe(bytes.voxels);
  for (const voxels of [new Float32Array([0, 3]), new Float64Array([0, 3]), new BigInt64Array([0n, 3n])]) {
    expect(labelMapOf(createVolume({ voxels, size })).voxels).toEqual(new Int32Array([0, 3]));
  }
});

test('refuses volumes that hold no labels', () => {
  const size = [2, 1, 1] as const;
  for (const wrong of [0.5, Number.NaN, 2 ** 40]) {
    const volume = createVolume({ voxels: new Float64Array([0, wrong]), size });
    expect(() => labelMapOf(volume)).toThrow(`LABEL_OUT_OF_RANGE: voxel of a label map, got ${wrong}`);
  }
  const moving = createVolume({ voxels: new Uint8Array(4), size, timePoints: 2 });
  expect(() => labelMapOf(moving)).toThrow('SHAPE_MISMATCH');
});

test('a mask holds one label, or all but background', () => {
  const map = { voxels: Int16Array.from([0, -1, 2]), size: [3, 1, 1] as const, spacingMm: [1, 1, 1] as const };
  expect([...maskOf(map).voxels]).toEqual([0, 1, 1]);
  expect([...maskOf(map, 2).voxels]).toEqual([0, 0, 1]);
});
