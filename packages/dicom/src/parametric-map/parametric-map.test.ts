import { reorient } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { ctSeries, onSeries, SIZE } from '../../../../tests/conformance/objects-series.ts';
import { codeNamed } from '../codes/codes.ts';
import { readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { type BuildParametricMapOptions, buildParametricMap } from './build-parametric-map.ts';
import { readParametricMap } from './read-parametric-map.ts';

const VALUES = Array.from({ length: SIZE[0] * SIZE[1] * SIZE[2] }, (_, i) => Math.fround(i / 3 - 20));
const ABOUT = {
  unit: codeNamed('UCUM', 'NoUnits'),
  quantity: codeNamed('DCM', 'AttenuationCoefficient'),
  label: 'PHANTOM',
  explanation: 'noise of the phantom',
};
const derivation = codeNamed('DCM', 'PixelByPixelMean');

async function roundTrip(content: BuildParametricMapOptions['content']) {
  const built = buildParametricMap({ source: ctSeries(), content, derivation, ...ABOUT });
  return readParametricMap(await readDicom(await writeDicom(createDicomFile(built))));
}

test.each([Float32Array, Float64Array])('%o comes back exactly, on its grid and with its meaning', async (Type) => {
  const content = onSeries(new Type(VALUES) as Float32Array<ArrayBuffer>);
  const [map, ...rest] = await roundTrip(content);
  expect(rest).toEqual([]);
  expect(map).toMatchObject(ABOUT);
  expect(map?.volume.voxels).toEqual(content.voxels);
  for (const [i, value] of (map?.volume.voxelToLps.matrix ?? []).entries())
    expect(value).toBeCloseTo(content.voxelToLps.matrix[i] as number, 9);
});

test('a volume whose axes run otherwise takes the order of the source', async () => {
  const content = onSeries(new Float32Array(VALUES));
  expect((await roundTrip(reorient(content, 'SAR')))[0]?.volume.voxels).toEqual(content.voxels);
});

test('refuses values that are no numbers', async () => {
  await expect(roundTrip(onSeries(new Float32Array(VALUES).fill(Number.NaN, 3, 4)))).rejects.toThrow('NOT_FINITE');
});

test('refuses a picture without a place, which can have no parametric map', () => {
  const source = ctSeries().map((one) => one.without('ImagePositionPatient'));
  const content = onSeries(new Float32Array(VALUES));
  expect(() => buildParametricMap({ source, content, derivation, ...ABOUT })).toThrow('VALUE_INVALID');
});
