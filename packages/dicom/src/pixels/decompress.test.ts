import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataSet } from '../data-set/data-set.ts';
import { transferSyntaxOf } from '../part10/encoding.ts';
import { createElement } from '../values/create-element.ts';
import { decompress } from './decompress.ts';
import { pixelLayout } from './pixel-layout.ts';
import { encodeRle } from './rle.ts';

const RLE = transferSyntaxOf('1.2.840.10008.1.2.5');

function image(options: {
  readonly bits: number;
  readonly samples: number;
  readonly rows: number;
  readonly frames: number;
}) {
  return new DataSet([
    createElement('SamplesPerPixel', options.samples),
    createElement('PhotometricInterpretation', options.samples === 3 ? 'RGB' : 'MONOCHROME2'),
    ...(options.samples === 3 ? [createElement('PlanarConfiguration', 0)] : []),
    createElement('NumberOfFrames', options.frames),
    createElement('Rows', options.rows),
    createElement('Columns', 3),
    createElement('BitsAllocated', options.bits),
    createElement('BitsStored', options.bits),
    createElement('HighBit', options.bits - 1),
    createElement('PixelRepresentation', 0),
  ]);
}

test('compressed frames become the native ones they were made from', async () => {
  const images = fc.record({
    bits: fc.constantFrom(8, 16),
    samples: fc.constantFrom(1, 3),
    rows: fc.integer({ min: 1, max: 5 }),
    frames: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(255),
  });
  await fc.assert(
    fc.asyncProperty(images, async ({ seed, ...options }) => {
      const dataSet = image(options);
      const layout = pixelLayout(dataSet);
      const length = (options.rows * 3 * options.samples * options.bits) / 8;
      const native = Array.from({ length: options.frames }, (_, frame) =>
        Uint8Array.from({ length }, (_, i) => (seed + frame * 7 + i * 13) & 255),
      );
      const fragments = native.map((bytes) => encodeRle(bytes, layout));
      const stored = dataSet.with({
        kind: 'fragments',
        tag: 0x7fe00010,
        vr: 'OB',
        offsetTable: new Uint8Array(0),
        fragments,
      });
      const made = await decompress({ dataSet: stored, transferSyntax: RLE });
      expect(Buffer.from(made.bytes('PixelData') ?? []).equals(Buffer.concat(native))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('native pixels stay as they are', async () => {
  const dataSet = image({ bits: 8, samples: 1, rows: 1, frames: 1 }).with(
    createElement('PixelData', new Uint8Array(4)),
  );
  expect(await decompress({ dataSet, transferSyntax: transferSyntaxOf('1.2.840.10008.1.2.1') })).toBe(dataSet);
});
