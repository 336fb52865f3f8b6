import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxAbout, cutBox, pasteBox } from './click-box.ts';

const side = fc.integer({ min: 1, max: 14 });
const sizes = fc.tuple(side, side, side);

test('a box cut out and put back leaves a volume as it was, and holds it whole where it can', () => {
  fc.assert(
    fc.property(sizes, sizes, (size, voxel) => {
      const box = boxAbout(size, { patch: [8, 8, 8], divisor: [4, 4, 4], voxel });
      const volume = Float32Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => 1 + (i % 200));
      const cut = cutBox(volume, size, box);
      expect(cut).toHaveLength(box.size[0] * box.size[1] * box.size[2]);
      const back = Uint8Array.from(volume);
      pasteBox(back, size, { box, values: Uint8Array.from(cut) });
      expect(back).toEqual(Uint8Array.from(volume));
      if (size.every((n) => n <= 8)) expect(cut.filter((value) => value > 0)).toHaveLength(volume.length);
    }),
  );
});

test('of a large volume a patch about the click is taken, within the volume', () => {
  const options = { patch: [8, 8, 8], divisor: [4, 4, 4] } as const;
  expect(boxAbout([40, 40, 4], { ...options, voxel: [20, 39, 0] })).toEqual({ start: [16, 32, -2], size: [8, 8, 8] });
});
