import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { goldenValues, readGolden } from '../../../../golden/read-golden.ts';
import { crc32, crc32c } from './crc.ts';
import { encodePng } from './encode-png.ts';

test('computes the CRC-32 that zlib computes, whole and in parts', () => {
  const [example] = readGolden('formats/crc32').cases;
  const bytes = goldenValues(example?.inputs['bytes'] as never) as Uint8Array;
  const [expected] = goldenValues(example?.expected['crc'] as never);
  expect(crc32(bytes)).toBe(expected);
  expect(crc32(bytes.subarray(101), crc32(bytes.subarray(0, 101)))).toBe(expected);
});

test('computes the published check value of CRC-32C', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

test.each([1, 3] as const)('writes a PNG of %i channels whose rows come back', async (channels) => {
  const [width, height] = [5, 4];
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 37) % 256);
  const png = Buffer.from(await encodePng({ width, height, channels, data }));
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([
    width,
    height,
    8,
    channels === 1 ? 0 : 2,
  ]);
  const filtered = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));
  const row = width * channels;
  const rows = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    expect(filtered[y * (row + 1)]).toBe(2);
    for (let x = 0; x < row; x++) {
      rows[y * row + x] =
        (filtered[y * (row + 1) + 1 + x] as number) + (y === 0 ? 0 : (rows[(y - 1) * row + x] as number));
    }
  }
  expect(rows).toEqual(data);
});

test('refuses a picture whose data do not fit its size', async () => {
  const picture = { width: 2, height: 2, channels: 3, data: new Uint8Array(4) } as const;
  await expect(encodePng(picture)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
