import { VesaliusError } from '@vesalius/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type GoldenCase,
  type GoldenTensor,
  goldenValues,
  readGolden,
  relativeError,
} from '../../../../golden/read-golden.ts';
import { createAffine } from '../affine.ts';
import { createVolume } from '../volume.ts';
import { bytesOf, voxelTypeOf } from '../voxel-type.ts';
import { readNrrd } from './read-nrrd.ts';
import { writeNrrd } from './write-nrrd.ts';

const golden = readGolden('volume/nrrd');
const text = (header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array =>
  Buffer.concat([Buffer.from(header.replaceAll(/\n +/g, '\n')), data]);

test.each(golden.cases)('reads $name as pynrrd does', async ({ inputs, expected, options }: GoldenCase) => {
  const volume = await readNrrd(goldenValues(inputs.file as GoldenTensor) as Uint8Array);
  expect(volume.size).toEqual(Array.from(goldenValues(expected.size as GoldenTensor)));
  expect(volume.components).toBe(options.components ?? 1);
  const affine = goldenValues(expected.affine as GoldenTensor) as Float64Array;
  expect(relativeError(volume.voxelToLps.matrix, affine)).toBeLessThan(golden.tolerance);
  expect(voxelTypeOf(volume.voxels)).toBe(options.dtype);
  expect(Buffer.compare(bytesOf(volume.voxels), goldenValues(expected.voxels as GoldenTensor) as Uint8Array)).toBe(0);
});

test('reads what it writes, exactly', async () => {
  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  const axes = fc.tuple(...Array.from({ length: 5 }, () => fc.integer({ min: 1, max: 3 })));
  const matrix = fc.array(number, { minLength: 12, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(axes, matrix, fc.constantFrom('raw', 'gzip'), async ([nx, ny, nz, nt, nc], rows, encoding) => {
      const voxels = new Int16Array(nx * ny * nz * nt * nc).map((_, index) => index * 7 - 5);
      const volume = createVolume({
        voxels,
        size: [nx, ny, nz],
        timePoints: nt,
        timeStepSeconds: nt > 1 ? 1.5 : 0,
        components: nc,
        voxelToLps: createAffine('voxel', 'lps', [...rows.map((value) => value + 0), 0, 0, 0, 1]),
      });
      expect(await readNrrd(await writeNrrd(volume, { encoding }))).toEqual(volume);
    }),
    { numRuns: 60 },
  );
});

test('reads hex, with spacings alone and a line to skip', async () => {
  const file = text(
    'NRRD0004\n# made by hand\ntype: uchar\ndimension: 2\nsizes: 2 2\nspacings: 0.5 2\nline skip: 1\nencoding: hex\n\nskipped\n0a0B ff00\n',
  );
  const volume = await readNrrd(file);
  expect(volume.voxels).toEqual(Uint8Array.of(10, 11, 255, 0));
  expect(volume.size).toEqual([2, 2, 1]);
  expect(volume.voxelToLps.matrix.slice(0, 11)).toEqual([0.5, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]);
});

test('carries space units to millimetres', async () => {
  const head =
    'NRRD0004\ntype: uchar\ndimension: 3\nsizes: 1 1 1\nspace: RAS\nspace directions: (1,0,0) (0,1,0) (0,0,1)\n';
  const volume = await readNrrd(
    text(`${head}space units: "cm" "cm" "cm"\nspace origin: (1,2,3)\nencoding: raw\n\n`, Uint8Array.of(1)),
  );
  expect(volume.voxelToLps.matrix).toEqual(
    [-10, 0, 0, -10, 0, -10, 0, -20, 0, 0, 10, 30, 0, 0, 0, 1].map((v) => v + 0),
  );
});

const HEAD = 'NRRD0004\ntype: short\ndimension: 3\nsizes: 2 2 2\nencoding: raw\nendian: little\n';

test('asks for the data file of a detached header, and refuses without a reader', async () => {
  const file = text(`${HEAD}data file: a.raw\n`);
  const data = new Uint8Array(new Int16Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer);
  const volume = await readNrrd(file, { readDataFile: async (name) => (name === 'a.raw' ? data : new Uint8Array(0)) });
  expect(volume.voxels).toEqual(Int16Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  await expect(readNrrd(file)).rejects.toMatchObject({ code: 'FILE_UNSUPPORTED' });
});

test.each([
  ['no magic', 'NRRD9\n\n', 'FILE_FORMAT'],
  ['data that end early', `${HEAD}\n1234`, 'FILE_TRUNCATED'],
  ['a header without end', HEAD, 'FILE_TRUNCATED'],
  ['a size of 0', `${HEAD.replace('2 2 2', '2 0 2')}\n`, 'FILE_FORMAT'],
  ['a giant', `${HEAD.replace('2 2 2', '99999999 99999999 99999999')}\n`, 'FILE_FORMAT'],
  ['bzip2', `${HEAD.replace('raw', 'bzip2')}\n`, 'FILE_UNSUPPORTED'],
  ['no endian', HEAD.replace('endian: little\n', '\n'), 'FILE_FORMAT'],
  ['a direction that is infinite', `${HEAD}space: LPS\nspace directions: (inf,0,0) (0,1,0) (0,0,1)\n\n`, 'NOT_FINITE'],
])('refuses %s', async (_, file, code) => {
  await expect(readNrrd(text(file), { file: 'a.nrrd' })).rejects.toMatchObject({ code, details: { file: 'a.nrrd' } });
});

test('answers changed bytes with a volume or a coded error', async () => {
  const voxels = Int16Array.from({ length: 60 }, (_, index) => index);
  const files = await Promise.all(
    (['raw', 'gzip'] as const).map((encoding) => writeNrrd(createVolume({ voxels, size: [5, 4, 3] }), { encoding })),
  );
  const change = fc.record({ file: fc.nat(1), at: fc.nat(420), byte: fc.integer({ min: 32, max: 127 }) });
  await fc.assert(
    fc.asyncProperty(change, async ({ file, at, byte }) => {
      const bytes = (files[file] as Uint8Array).slice();
      bytes[at] = byte;
      const answer = await readNrrd(bytes).catch((error: unknown) => error);
      if (answer instanceof Error) expect(answer).toBeInstanceOf(VesaliusError);
    }),
    { numRuns: 1500 },
  );
});
