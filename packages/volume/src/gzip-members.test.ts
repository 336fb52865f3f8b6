import fc from 'fast-check';
import { expect, test } from 'vitest';
import { streamOf } from './byte-stream.ts';
import { readNifti, readNiftiPair, readNiftiStream } from './nifti/read-nifti.ts';
import { writeNifti } from './nifti/write-nifti.ts';
import { readNrrd } from './nrrd/read-nrrd.ts';
import { writeNrrd } from './nrrd/write-nrrd.ts';
import { createVolume } from './volume.ts';

const voxels = Int16Array.from({ length: 4000 }, (_, index) => (index * index) % 997);
const volume = createVolume({ voxels, size: [20, 20, 10] });
const plain = await writeNifti(volume, { gzip: false });

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = streamOf(bytes).pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** One member, with the length of the whole in its header as bgzip writes it. */
async function bgzipBlock(bytes: Uint8Array): Promise<Uint8Array> {
  const member = await gzip(bytes);
  const size = member.length + 8;
  const extra = [6, 0, 0x42, 0x43, 2, 0, (size - 1) & 255, (size - 1) >> 8];
  return Buffer.concat([[0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255], extra, member.subarray(10)].map((p) => Buffer.from(p)));
}

async function members(bytes: Uint8Array, cuts: readonly number[], pack = gzip): Promise<Buffer> {
  const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  return Buffer.concat(await Promise.all(edges.slice(1).map((end, i) => pack(bytes.subarray(edges[i], end)))));
}

test('reads a file of several gzip members, wherever they are cut', async () => {
  const cuts = fc.array(fc.nat(plain.length), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(cuts, async (at) => {
      expect(await readNifti(await members(plain, at))).toEqual(volume);
    }),
    { numRuns: 50 },
  );
});

test('reads what bgzip writes: small blocks, an empty one at the end', async () => {
  const file = await members(plain, [100, 348, 352, 2000, 5000, plain.length], bgzipBlock);
  expect(await readNifti(file)).toEqual(volume);
});

test('is not misled by stored bytes that look like a member', async () => {
  const lookalike = await gzip(Uint8Array.of(1, 2, 3));
  const noise = Uint8Array.from({ length: 4000 - 3 * lookalike.length }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24);
  const bytes = createVolume({
    voxels: Uint8Array.from([...lookalike, ...noise, ...lookalike, ...lookalike]),
    size: [20, 20, 10],
  });
  const file = await writeNifti(bytes, { gzip: false });
  expect(await readNifti(await members(file, [1000, 3000]))).toEqual(bytes);
});

test('reads several members in a pair and in NRRD', async () => {
  const header = plain.slice(0, 348);
  header[345] = 0x69;
  new DataView(header.buffer).setFloat32(108, 0, true);
  expect(await readNiftiPair(header, await members(plain.subarray(352), [100, 4000]))).toEqual(volume);
  const nrrd = await writeNrrd(volume, { encoding: 'gzip' });
  const raw = new Uint8Array(voxels.buffer);
  const start = Buffer.from(nrrd).indexOf('\n\n') + 2;
  const joined = Buffer.concat([nrrd.subarray(0, start), await members(raw, [100, 4000])]);
  expect((await readNrrd(joined)).voxels).toEqual(voxels);
});

test('says that a later member ends early or is damaged, and names the file', async () => {
  const file = await members(plain, [1000]);
  const cases: [Uint8Array, string][] = [
    [file.subarray(0, file.length - 200), 'FILE_TRUNCATED'],
    [file.subarray(0, file.length - 5), 'FILE_TRUNCATED'],
    [file.map((byte, i) => (i === file.length - 6 ? byte ^ 1 : byte)), 'FILE_FORMAT'],
    [Buffer.concat([file, Buffer.alloc(9, 7)]), 'FILE_UNSUPPORTED'],
  ];
  for (const [bytes, code] of cases)
    await expect(readNifti(bytes, 'a.nii.gz')).rejects.toMatchObject({ code, details: { file: 'a.nii.gz' } });
});

test('a stream cannot be read twice: several members are refused there', async () => {
  const stream = streamOf(await members(plain, [1000]));
  await expect(readNiftiStream(stream)).rejects.toMatchObject({ code: 'FILE_UNSUPPORTED' });
});
