import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataSet } from '../data-set/data-set.ts';
import { transferSyntaxOf } from '../part10/encoding.ts';
import { readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { createElement } from '../values/create-element.ts';
import { encodeCompressed } from './codecs.ts';
import { decodeFrame, type PixelFrame } from './decode-frame.ts';
import { applyModality, modalityTransform } from './modality.ts';
import { pixelLayout } from './pixel-layout.ts';
import { decodeRle, encodeRle } from './rle.ts';
import { toRgb } from './to-rgb.ts';
import { applyVoi, voiTransforms } from './voi.ts';

const LITTLE = transferSyntaxOf('1.2.840.10008.1.2.1');

interface Image {
  readonly rows: number;
  readonly columns: number;
  readonly bits: number;
  readonly stored?: number;
  readonly samples?: number;
  readonly signed?: boolean;
  readonly photometric?: string;
  readonly planar?: boolean;
  readonly frames?: number;
}

function describe({ rows, columns, bits, stored = bits, samples = 1, ...image }: Image): DataSet {
  return new DataSet([
    createElement('SamplesPerPixel', samples),
    createElement('PhotometricInterpretation', image.photometric ?? 'MONOCHROME2'),
    createElement('PlanarConfiguration', image.planar ? 1 : 0),
    createElement('NumberOfFrames', image.frames ?? 1),
    createElement('Rows', rows),
    createElement('Columns', columns),
    createElement('BitsAllocated', bits),
    createElement('BitsStored', stored),
    createElement('HighBit', stored - 1),
    createElement('PixelRepresentation', image.signed ? 1 : 0),
  ]);
}

const decode = async (image: Image, bytes: Uint8Array, index = 0): Promise<number[]> => {
  const dataSet = describe(image).with(createElement('PixelData', bytes));
  return [...(await decodeFrame({ dataSet, transferSyntax: LITTLE }, index)).samples];
};

test('bits above the stored ones are no pixel, and the highest stored one is the sign', async () => {
  const bytes = Uint8Array.of(0xff, 0xff, 0xff, 0x07, 0x00, 0xf8);
  expect(await decode({ rows: 1, columns: 3, bits: 16, stored: 12, signed: true }, bytes)).toEqual([-1, 2047, -2048]);
  expect(await decode({ rows: 1, columns: 3, bits: 16, stored: 12 }, bytes)).toEqual([4095, 2047, 2048]);
});

test('packed bits begin with the lowest, and a frame may begin inside a byte', async () => {
  const image = { rows: 1, columns: 3, bits: 1, frames: 3 };
  const bytes = Uint8Array.of(0b01_110_101, 0b1);
  expect(await decode(image, bytes, 0)).toEqual([1, 0, 1]);
  expect(await decode(image, bytes, 1)).toEqual([0, 1, 1]);
  expect(await decode(image, bytes, 2)).toEqual([1, 0, 1]);
});

test('planes are woven, and pairs that share their colour are parted', async () => {
  const rgb = { rows: 1, columns: 2, bits: 8, samples: 3, photometric: 'RGB' };
  expect(await decode({ ...rgb, planar: true }, Uint8Array.of(1, 2, 3, 4, 5, 6))).toEqual([1, 3, 5, 2, 4, 6]);
  expect(await decode({ ...rgb, photometric: 'YBR_FULL_422' }, Uint8Array.of(1, 2, 3, 4))).toEqual([1, 3, 4, 2, 3, 4]);
});

test('frames that are cut short, missing or of an impossible layout are refused', async () => {
  const image = { rows: 2, columns: 2, bits: 16 };
  await expect(decode(image, new Uint8Array(6))).rejects.toThrow('FILE_TRUNCATED');
  await expect(decode(image, new Uint8Array(8), 1)).rejects.toThrow('VALUE_INVALID: frame');
  await expect(decode({ ...image, bits: 12 }, new Uint8Array(8))).rejects.toThrow('VALUE_INVALID: BitsAllocated');
});

test('RLE gives back any samples', () => {
  const layouts = fc.record({
    rows: fc.integer({ min: 1, max: 5 }),
    columns: fc.integer({ min: 1, max: 300 }),
    bits: fc.constantFrom(8, 16, 32),
    samples: fc.constantFrom(1, 3),
  });
  fc.assert(
    fc.property(layouts, fc.infiniteStream(fc.constantFrom(0, 0, 0, 0, 1, 255)), (image, stream) => {
      const layout = pixelLayout(describe(image));
      const samples = Uint8Array.from([...stream.take((image.rows * image.columns * image.samples * image.bits) / 8)]);
      const encoded = encodeRle(samples, layout);
      expect(encoded.length % 2).toBe(0);
      expect(decodeRle(encoded, layout)).toEqual(samples);
    }),
    { numRuns: 30 },
  );
  const layout = pixelLayout(describe({ rows: 2, columns: 2, bits: 8 }));
  expect(() => decodeRle(new Uint8Array(64), layout)).toThrow('FILE_FORMAT: RLE frame');
});

test.each(['70', '80', '90', '201'])(
  'lossless compression in 1.2.840.10008.1.2.4.%s gives back what it was given',
  async (end) => {
    const uid = `1.2.840.10008.1.2.4.${end}`;
    for (const image of [
      { rows: 16, columns: 24, bits: 16, stored: 12 },
      { rows: 16, columns: 24, bits: 8, samples: 3, photometric: 'RGB' },
    ]) {
      const length = image.rows * image.columns * (image.samples ?? 1);
      const samples = image.bits === 8 ? new Uint8Array(length) : new Uint16Array(length);
      for (let i = 0; i < length; i++) samples[i] = (i * 977) & (2 ** (image.stored ?? 8) - 1);
      const described = describe(image);
      const { bytes, photometric } = await encodeCompressed(
        new Uint8Array(samples.buffer),
        uid,
        pixelLayout(described),
      );
      const pixels = {
        kind: 'fragments' as const,
        tag: 0x7fe00010,
        vr: 'OB' as const,
        offsetTable: new Uint8Array(0),
        fragments: [bytes],
      };
      const dataSet = described.with(pixels, createElement('PhotometricInterpretation', photometric));
      const frame = await decodeFrame({ dataSet, transferSyntax: transferSyntaxOf(uid) });
      expect([...frame.samples]).toEqual([...samples]);
    }
  },
);

test('colour deeper than 8 bits is refused in JPEG 2000, and damaged streams are an error with a code', async () => {
  const layout = pixelLayout(describe({ rows: 4, columns: 4, bits: 16, samples: 3, photometric: 'RGB' }));
  for (const end of ['90', '91', '201']) {
    await expect(encodeCompressed(new Uint8Array(96), `1.2.840.10008.1.2.4.${end}`, layout)).rejects.toThrow(
      'FILE_UNSUPPORTED',
    );
  }
  const fragments = {
    kind: 'fragments' as const,
    tag: 0x7fe00010,
    vr: 'OB' as const,
    offsetTable: new Uint8Array(0),
    fragments: [Uint8Array.of(0xff, 0xd8, 1, 2)],
  };
  const dataSet = describe({ rows: 4, columns: 4, bits: 8 }).with(fragments);
  for (const end of ['50', '70', '80', '90', '201']) {
    await expect(
      decodeFrame({ dataSet, transferSyntax: transferSyntaxOf(`1.2.840.10008.1.2.4.${end}`) }),
    ).rejects.toThrow('FILE_FORMAT');
  }
  await expect(decodeFrame({ dataSet, transferSyntax: transferSyntaxOf('1.2.840.10008.1.2.4.100') })).rejects.toThrow(
    'FILE_UNSUPPORTED',
  );
});

test('the windows of PS3.3 C.11.2.1 have their values', () => {
  const values = Float32Array.of(-1000, 0, 1, 2, 1000);
  const window = (name: string, center: number, width: number): number[] => {
    const elements = [
      createElement('WindowCenter', center),
      createElement('WindowWidth', width),
      createElement('VOILUTFunction', name),
    ];
    const [voi] = voiTransforms(new DataSet(elements));
    return voi === undefined ? [] : [...applyVoi(values, voi)];
  };
  expect(window('LINEAR', 1.5, 3)).toEqual([0, 0, 128, 255, 255]);
  expect(window('LINEAR_EXACT', 1, 2)).toEqual([0, 0, 128, 255, 255]);
  expect(window('SIGMOID', 1, 4)).toEqual([0, 69, 128, 186, 255]);
  expect(window('LINEAR', 1, 0.5)).toEqual([]);
});

test('tables map the values before and after them to their ends, and 0 entries mean 65,536', () => {
  const item = new DataSet([
    createElement('LUTDescriptor', [3, 10, 16]),
    createElement('LUTData', Uint16Array.of(7, 8, 9)),
  ]);
  const dataSet = new DataSet([createElement('ModalityLUTSequence', [item]), createElement('PixelRepresentation', 0)]);
  const frame: PixelFrame = {
    rows: 1,
    columns: 4,
    samplesPerPixel: 1,
    bitsStored: 8,
    photometric: 'MONOCHROME2',
    samples: Uint8Array.of(0, 10, 11, 200),
  };
  expect([...applyModality(frame, modalityTransform(dataSet))]).toEqual([7, 7, 8, 9]);
  const short = new DataSet([createElement('LUTDescriptor', [0, 0, 16]), createElement('LUTData', Uint16Array.of(7))]);
  expect(() => modalityTransform(new DataSet([createElement('ModalityLUTSequence', [short])]))).toThrow(
    'expected 65536',
  );
});

test('a segmented palette is written out: values, a line, and both again', () => {
  // PS3.3 C.7.9.2: discrete [0, 100], linear to 400 in 3, indirect 2 segments from word 0.
  const segments = Uint16Array.of(0, 2, 0, 0x6400, 1, 3, 0x9400, 2, 2, 0, 0);
  const colors = (['Red', 'Green', 'Blue'] as const).flatMap((color) => [
    createElement(`${color}PaletteColorLookupTableDescriptor`, [10, 0, 16]),
    createElement(`Segmented${color}PaletteColorLookupTableData`, segments),
  ]);
  const frame: PixelFrame = {
    rows: 1,
    columns: 10,
    samplesPerPixel: 1,
    bitsStored: 8,
    photometric: 'PALETTE COLOR',
    samples: Uint8Array.from({ length: 10 }, (_, i) => i),
  };
  const red = [...toRgb(frame, new DataSet(colors))].filter((_, i) => i % 3 === 0);
  expect(red).toEqual([0, 100, 116, 132, 148, 0, 100, 116, 132, 148]);
});

test('reads from a Buffer of Node, which is part of a shared pool, as from any bytes', async () => {
  const dataSet = new DataSet([
    createElement('Rows', 1),
    createElement('Columns', 3),
    createElement('BitsAllocated', 8),
    createElement('PixelData', Uint8Array.of(1, 2, 3, 0)),
  ]);
  const file = await readDicom(Buffer.from(await writeDicom(createDicomFile(dataSet))));
  expect([...(await decodeFrame(file)).samples]).toEqual([1, 2, 3]);
  expect((await writeDicom(file)).constructor).toBe(Uint8Array);
});
