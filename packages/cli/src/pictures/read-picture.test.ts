import { deflateSync } from 'node:zlib';
import { VesaliusError } from '@vesalius/errors';
import fc from 'fast-check';
import { encode } from 'jpeg-js';
import { expect, test } from 'vitest';
import { isPicture, pictureChannels, readLabelPicture, readPicture } from './read-picture.ts';
import { readPng } from './read-png.ts';

const of = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));

/** Values 0, 20, ... 220, four in a row, written by Pillow 12. */
const PICTURES = {
  grey: of(
    'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAAAAACRn/EaAAAAF0lEQVR4nGNkEBERYQwQERFhCRAREQEACTgBW2nziVsAAAAASUVORK5CYII=',
  ),
  rgb: of(
    'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAF0lEQVR4nGNk+M8g8oYLglgCNmhg5wAA9zsMs1OzLxMAAAAASUVORK5CYII=',
  ),
  rgba: of(
    'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAYAAAC09K7GAAAAGklEQVR4nGNk+M/AIPKGSwSGWQI2aATgFQAAZmoOBxh2HG8AAAAASUVORK5CYII=',
  ),
  blackWhite: of('iVBORw0KGgoAAAANSUhEUgAAAAQAAAADAQAAAACcj5NrAAAADklEQVR4nGNgYDBg+AAAAYYBIacLjasAAAAASUVORK5CYII='),
  deep: of(
    'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADEAAAAADBDy1ZAAAAFklEQVR4nGNkYBYREREREWEJCEBjAAAhgQK19waRAgAAAABJRU5ErkJggg==',
  ),
  palette: of(
    'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADAgMAAADJmkZVAAAACVBMVEUAAADIAAAAZDK3noo6AAAADklEQVR4nGOQYPJkUgUAAYoAi6mnULMAAAAASUVORK5CYII=',
  ),
};
const VALUES = Array.from({ length: 12 }, (_, i) => 20 * i);

test('reads grey, colour, black and white, deep and indexed PNG', async () => {
  const voxels = async (name: keyof typeof PICTURES) => [...(await readPicture(PICTURES[name], 'a.png')).voxels];
  const colours = [...VALUES, ...VALUES.map((v) => 255 - v), ...VALUES.map((v) => v / 2)];
  expect(await voxels('grey')).toEqual(VALUES);
  expect(await voxels('rgb')).toEqual(colours);
  expect(await voxels('rgba')).toEqual(colours);
  expect(await voxels('blackWhite')).toEqual(VALUES.map((v) => (v > 100 ? 255 : 0)));
  expect(await voxels('deep')).toEqual(VALUES.map((v) => 257 * v + 3));
  const palette = [
    [0, 200, 0],
    [0, 0, 100],
    [0, 0, 50],
  ];
  expect(await voxels('palette')).toEqual(palette.flatMap((colour) => VALUES.map((_, i) => colour[i % 3])));
  expect(await readPicture(PICTURES.rgb, 'a.png')).toMatchObject({ size: [4, 3, 1], components: 3, timePoints: 1 });
});

test('reads labels as grey values or numbers of a palette, never as colours', async () => {
  const voxels = async (name: keyof typeof PICTURES) => [...(await readLabelPicture(PICTURES[name], 'a.png')).voxels];
  expect(await voxels('grey')).toEqual(VALUES);
  expect(await voxels('blackWhite')).toEqual(VALUES.map((v) => (v > 100 ? 255 : 0)));
  expect(await voxels('palette')).toEqual(VALUES.map((_, i) => i % 3));
  await expect(voxels('rgb')).rejects.toThrow(/^FILE_UNSUPPORTED: label map, got colours/);
  await expect(
    readLabelPicture(
      jpeg(() => [0, 0, 0]),
      'a.jpg',
    ),
  ).rejects.toThrow(/^FILE_UNSUPPORTED: label map, got JPEG/);
});

test('tells the channels by the header', () => {
  const found = Object.values(PICTURES).map((bytes) => pictureChannels(bytes, 'a.PNG'));
  expect(found).toEqual([1, 3, 3, 1, 1, 3]);
  expect(
    pictureChannels(
      jpeg(() => [1, 2, 3]),
      'a.jpeg',
    ),
  ).toBe(3);
  expect(pictureChannels(GREY_JPEG, 'a.jpg')).toBe(1);
  expect(['a.png', 'A.JPG', 'b.jpeg', 'c.nii.gz', 'png'].map(isPicture)).toEqual([true, true, true, false, false]);
});

/** `[16, 16]`: 8 y + 6 x; written by Pillow 12, progressive. */
const GREY_JPEG = of(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wgALCAAQABABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABwYI/9oACAEBAAAAAcwsFAwf/8QAFhAAAwAAAAAAAAAAAAAAAAAAAAUG/9oACAEBAAEFAkk2JJsSTYkmz//EABYQAAMAAAAAAAAAAAAAAAAAAAABIv/aAAgBAQAGPwJQKBQKD//EABUQAQEAAAAAAAAAAAAAAAAAAADx/9oACAEBAAE/IY6Ojo7/2gAIAQEAAAAQD//EABUQAQEAAAAAAAAAAAAAAAAAAACh/9oACAEBAAE/EJJJJJJP/9k=',
);

function jpeg(colour: (x: number, y: number) => readonly number[], side = 16): Uint8Array {
  const data = Array.from({ length: side * side }, (_, i) => [...colour(i % side, Math.floor(i / side)), 255]).flat();
  return encode({ width: side, height: side, data: Uint8Array.from(data) }, 98).data;
}

test('reads JPEG, grey and colour, to within what the format loses', async () => {
  const grey = await readPicture(GREY_JPEG, 'a.jpg');
  expect(grey).toMatchObject({ size: [16, 16, 1], components: 1 });
  for (const [i, v] of [...grey.voxels].entries())
    expect(Math.abs(Number(v) - 8 * Math.floor(i / 16) - 6 * (i % 16))).toBeLessThan(4);
  const colour = await readPicture(
    jpeg((x, y) => [8 * x, 8 * y, 100]),
    'a.jpg',
  );
  expect(colour.components).toBe(3);
  for (let i = 0; i < 256; i++) {
    const expected = [8 * (i % 16), 8 * Math.floor(i / 16), 100];
    for (const [c, value] of expected.entries())
      expect(Math.abs(Number(colour.voxels[256 * c + i]) - value)).toBeLessThan(24);
  }
});

interface Sketch {
  readonly width: number;
  readonly height: number;
  readonly kind: { readonly type: number; readonly channels: number; readonly bits: number };
  readonly interlaced: boolean;
  readonly seed: number;
}

const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A PNG of made-up samples whose rows use all filters, with the samples; checksums are left 0, as no reader here looks at them. */
function sketched({ width, height, kind: { type, channels, bits }, interlaced, seed }: Sketch) {
  const samples = Array.from({ length: width * height * channels }, (_, i) => {
    return (Math.imul(i + seed, 2654435761) >>> 7) % 2 ** bits;
  });
  const rows = (interlaced ? PASSES : [[0, 0, 1, 1] as const]).flatMap(([x0, y0, dx, dy]) => {
    let above: number[] | undefined;
    const packed: number[] = [];
    for (let y = y0; y < height && x0 < width; y += dy) {
      const row: number[] = [];
      for (let x = x0; x < width; x += dx)
        row.push(...samples.slice((y * width + x) * channels, (y * width + x + 1) * channels));
      const bytes = pack(row, bits);
      packed.push(
        ...filtered(bytes, above ?? bytes.map(() => 0), {
          filter: (y + seed) % 5,
          step: Math.max(1, (bits * channels) >> 3),
        }),
      );
      above = bytes;
    }
    return packed;
  });
  const deflated = deflateSync(Uint8Array.from(rows));
  const middle = deflated.length >> 1;
  const palette =
    type === 3
      ? [
          chunk(
            'PLTE',
            Array.from({ length: 3 * 2 ** bits }, (_, i) => i % 256),
          ),
        ]
      : [];
  const header = [0, 0, width >> 8, width & 255, 0, 0, height >> 8, height & 255, bits, type, 0, 0, Number(interlaced)];
  const parts = [
    [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    chunk('IHDR', header),
    ...palette,
    chunk('tEXt', [1]),
  ];
  const data = [chunk('IDAT', [...deflated.subarray(0, middle)]), chunk('IDAT', [...deflated.subarray(middle)])];
  return { png: Uint8Array.from([...parts, ...data, chunk('IEND', [])].flat()), samples };
}

function pack(row: readonly number[], bits: number): number[] {
  if (bits === 16) return row.flatMap((v) => [v >> 8, v & 255]);
  const bytes = Array.from({ length: Math.ceil((row.length * bits) / 8) }, () => 0);
  row.forEach((v, i) => {
    bytes[(i * bits) >> 3] = (bytes[(i * bits) >> 3] as number) | (v << (8 - bits - ((i * bits) & 7)));
  });
  return bytes;
}

function filtered(row: number[], above: number[], { filter, step }: { filter: number; step: number }): number[] {
  const guess = row.map((_, i) => {
    const [a, b, c] = [row[i - step] ?? 0, above[i] ?? 0, i < step ? 0 : (above[i - step] ?? 0)];
    const nearest = [a, b, c].toSorted((p, q) => Math.abs(a + b - c - p) - Math.abs(a + b - c - q))[0] as number;
    return [0, a, b, Math.floor((a + b) / 2), nearest][filter] as number;
  });
  return [filter, ...row.map((v, i) => (v - (guess[i] as number)) & 255)];
}

function chunk(type: string, content: readonly number[]): number[] {
  const { length } = content;
  return [0, 0, length >> 8, length & 255, ...new TextEncoder().encode(type), ...content, 0, 0, 0, 0];
}

const KINDS = [
  ...[1, 2, 4, 8, 16].map((bits) => ({ type: 0, channels: 1, bits })),
  ...[8, 16].flatMap((bits) => [
    { type: 2, channels: 3, bits },
    { type: 4, channels: 2, bits },
    { type: 6, channels: 4, bits },
  ]),
  ...[1, 2, 4, 8].map((bits) => ({ type: 3, channels: 1, bits })),
];
const sketch = fc.record({
  width: fc.integer({ min: 1, max: 20 }),
  height: fc.integer({ min: 1, max: 20 }),
  kind: fc.constantFrom(...KINDS),
  interlaced: fc.boolean(),
  seed: fc.nat(10_000),
});

test('reads every colour type, depth, filter and interlacing as it was written', () => {
  fc.assert(
    fc.property(sketch, (options) => {
      const { png, samples } = sketched(options);
      expect([...readPng(png).data]).toEqual(samples);
    }),
    { numRuns: 150 },
  );
});

test('refuses other files, and files that end early, naming them', async () => {
  const cases: [Uint8Array, string, string][] = [
    [new Uint8Array(0), 'a.png', 'FILE_TRUNCATED'],
    [PICTURES.grey.subarray(0, 60), 'a.png', 'FILE_TRUNCATED'],
    [GREY_JPEG, 'a.png', 'FILE_FORMAT'],
    [PICTURES.grey, 'a.jpg', 'FILE_FORMAT'],
    [GREY_JPEG.subarray(0, 300), 'a.jpg', 'FILE_TRUNCATED'],
    [GREY_JPEG.subarray(0, 50), 'a.jpg', 'FILE_TRUNCATED'],
    [PICTURES.grey.with(19, 200), 'a.png', 'FILE_TRUNCATED'],
    [PICTURES.grey.with(16, 127), 'a.png', 'FILE_TRUNCATED'],
    [PICTURES.grey.with(45, 1), 'a.png', 'FILE_FORMAT'],
  ];
  for (const [bytes, name, code] of cases)
    await expect(readPicture(bytes, name)).rejects.toMatchObject({ code, details: { file: name } });
});

test('answers damaged files with a picture or a coded error', async () => {
  for (let i = 0; i < 600; i++) {
    const [name, whole] = i % 3 === 0 ? ['a.jpg', GREY_JPEG] : ['a.png', Object.values(PICTURES)[i % 6] as Uint8Array];
    const bytes = whole.with((i * 7919) % whole.length, (i * 31) % 256);
    await readPicture(bytes, name).catch((error) => expect(error).toBeInstanceOf(VesaliusError));
  }
});
