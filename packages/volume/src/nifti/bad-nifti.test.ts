import { VesaliusError } from '@vesalius/errors';
import { expect, test } from 'vitest';
import { createVolume } from '../volume.ts';
import { readNifti, readNiftiHeader, readNiftiPair, readNiftiStream } from './read-nifti.ts';
import { writeNifti, writeNiftiStream } from './write-nifti.ts';

const voxels = Int16Array.from({ length: 4000 }, (_, index) => (index * index) % 997);
const volume = createVolume({ voxels, size: [20, 20, 10] });
const plain = await writeNifti(volume, { gzip: false });
const gzip = await writeNifti(volume);

/** The plain file with one header field changed. */
function changed(offset: number, value: number, kind: 'Int16' | 'Float32' | 'Uint8'): Uint8Array {
  const bytes = plain.slice();
  const view = new DataView(bytes.buffer);
  if (kind === 'Int16') view.setInt16(offset, value, true);
  else if (kind === 'Float32') view.setFloat32(offset, value, true);
  else view.setUint8(offset, value);
  return bytes;
}

test.each([
  ['an empty file', new Uint8Array(0), 'FILE_TRUNCATED'],
  ['another format', new TextEncoder().encode('NRRD0004\n'.repeat(99)), 'FILE_FORMAT'],
  ['a wrong magic', changed(344, 0x61, 'Uint8'), 'FILE_FORMAT'],
  ['the header of a pair', changed(345, 0x69, 'Uint8'), 'FILE_FORMAT'],
  ['half a header', plain.subarray(0, 200), 'FILE_TRUNCATED'],
  ['data that end early', plain.subarray(0, 5000), 'FILE_TRUNCATED'],
  ['gzip that ends early', gzip.subarray(0, gzip.length >> 1), 'FILE_TRUNCATED'],
  ['gzip without its checksum', gzip.subarray(0, gzip.length - 5), 'FILE_TRUNCATED'],
  ['a wrong gzip checksum', gzip.map((byte, index) => (index === gzip.length - 6 ? byte ^ 1 : byte)), 'FILE_FORMAT'],
  ['NaN in the affine', changed(280, Number.NaN, 'Float32'), 'NOT_FINITE'],
  ['a negative size', changed(42, -20, 'Int16'), 'FILE_FORMAT'],
  ['eight axes', changed(40, 8, 'Int16'), 'FILE_FORMAT'],
  ['a size that the file cannot hold', changed(42, 32767, 'Int16'), 'FILE_TRUNCATED'],
  ['an unknown datatype', changed(70, 3, 'Int16'), 'FILE_FORMAT'],
  ['complex voxels', changed(70, 32, 'Int16'), 'FILE_UNSUPPORTED'],
  ['float128 voxels', changed(70, 1536, 'Int16'), 'FILE_UNSUPPORTED'],
  ['a data offset of NaN', changed(108, Number.NaN, 'Float32'), 'FILE_FORMAT'],
])('refuses %s', async (_, bytes, code) => {
  await expect(readNifti(bytes, 'scan.nii')).rejects.toMatchObject({ code, details: { file: 'scan.nii' } });
});

test('says how many bytes of voxels there were', async () => {
  await expect(readNifti(plain.subarray(0, 352 + 1000))).rejects.toMatchObject({
    details: { got: 1000, expected: 8000 },
  });
  const { length } = gzip;
  const cut = await readNifti(gzip.subarray(0, length - 400)).catch((error: VesaliusError) => error.details);
  expect(cut).toMatchObject({ expected: 8000 });
  expect((cut as { got: number }).got).toBeGreaterThan(1000);
});

test('refuses a header that promises terabytes before it takes memory, from gzip too', async () => {
  const giant = changed(42, 30000, 'Int16');
  new DataView(giant.buffer).setInt16(44, 30000, true);
  new DataView(giant.buffer).setInt16(46, 30000, true);
  const stream = new Response(Uint8Array.from(giant)).body?.pipeThrough(new CompressionStream('gzip'));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  const before = process.memoryUsage().arrayBuffers;
  await expect(readNifti(packed)).rejects.toMatchObject({ code: 'FILE_TRUNCATED' });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e8);
});

test('reads the header alone from the first kilobyte', async () => {
  for (const bytes of [plain.subarray(0, 400), gzip.subarray(0, 1000)]) {
    expect(await readNiftiHeader(bytes)).toMatchObject({ size: [20, 20, 10], datatype: 'int16', version: 1 });
  }
});

test('reads a .hdr/.img pair', async () => {
  const hdr = changed(345, 0x69, 'Uint8').slice(0, 348);
  new DataView(hdr.buffer).setFloat32(108, 0, true);
  expect(await readNiftiPair(hdr, plain.subarray(352))).toEqual(volume);
  await expect(readNiftiPair(hdr, plain.subarray(360))).rejects.toMatchObject({ code: 'FILE_TRUNCATED' });
});

test('passes over header extensions and bytes after the voxels', async () => {
  const offset = changed(108, 352 + 32, 'Float32');
  const extended = Buffer.concat([offset.subarray(0, 352), Buffer.alloc(32, 7), offset.subarray(352), Buffer.alloc(9)]);
  expect(await readNifti(extended)).toEqual(volume);
  expect(await readNifti(Buffer.concat([gzip, Buffer.alloc(20)]))).toEqual(volume);
});

test('hands on the failure of a stream', async () => {
  const failing = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('unplugged')) });
  await expect(readNiftiStream(failing, 'a.nii')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});

test('the stream that is written reads the same, whatever its chunks', async () => {
  const small = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      for (let at = 0; at < chunk.length; at += 333) controller.enqueue(chunk.subarray(at, at + 333));
    },
  });
  expect(await readNiftiStream(writeNiftiStream(volume).pipeThrough(small))).toEqual(volume);
});

/** Repeatable pseudo-random numbers below a bound. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('answers flipped bits with a volume or a coded error, and never takes much memory', async () => {
  const next = generator(7);
  const before = process.memoryUsage().arrayBuffers;
  let [read, refused, most] = [0, 0, 0];
  for (let round = 0; round < 1500; round++) {
    const bytes = (round % 3 === 0 ? gzip : plain).slice();
    const range = round % 3 === 1 ? 352 : bytes.length;
    for (let flips = 1 + next(3); flips > 0; flips--) bytes[next(range)] ^= 1 << next(8);
    try {
      const result = await readNifti(bytes, 'flipped.nii');
      most = Math.max(most, result.voxels.byteLength);
      read++;
    } catch (error) {
      expect(error).toBeInstanceOf(VesaliusError);
      refused++;
    }
  }
  expect(read).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
  expect(most).toBeLessThan(40_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3e8);
});
