import { readFileSync } from 'node:fs';
import { applyAffine, type Volume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { dicomFiles } from '../../../../golden/dicom-files.ts';
import { readDicom } from '../part10/read-dicom.ts';
import { readSegmentation } from './read-segmentation.ts';

type Golden = Readonly<Record<string, Readonly<Record<string, readonly number[]>> | readonly unknown[]>>;

/** What highdicom reads: of each segment the sum of its voxels, their mean place and their mean squared place. */
function golden(): Golden {
  return JSON.parse(readFileSync(new URL('../../../../golden/objects/real.json', import.meta.url), 'utf8')).files;
}

function moments({ voxels, size, voxelToLps }: Volume): number[] {
  const sums = new Array<number>(7).fill(0);
  for (let i = 0; i < voxels.length; i++) {
    const value = Number(voxels[i]);
    if (value === 0) continue;
    const row = Math.floor(i / size[0]);
    const place = applyAffine(voxelToLps, [i % size[0], row % size[1], Math.floor(row / size[1])]);
    const terms = [1, ...place, ...place.map((x) => x * x)];
    for (const [k, term] of terms.entries()) sums[k] = (sums[k] as number) + value * term;
  }
  const [sum = 0] = sums;
  return sum === 0 ? [0] : sums.map((value, k) => (k === 0 ? value : value / sum));
}

test.skipIf(!process.env.VESALIUS_DATA)(
  'reads segmentations of several writers as highdicom does (VESALIUS_DATA)',
  { timeout: 60_000 },
  async () => {
    const files = dicomFiles();
    const expected = Object.entries(golden()).filter(([, holds]) => !Array.isArray(holds));
    expect(expected.length).toBeGreaterThan(12);
    for (const [name, segments] of expected) {
      const read = await readSegmentation(await readDicom(files.get(name) ?? new Uint8Array(0)));
      expect(
        read.segments.map(({ number }) => String(number)),
        name,
      ).toEqual(Object.keys(segments));
      for (const [number, answers] of Object.entries(segments as Record<string, readonly number[]>)) {
        const got = moments(read.mask(Number(number)));
        expect(got.length, name).toBe(answers.length);
        for (const [i, answer] of answers.entries()) {
          const off = Math.abs((got[i] as number) - answer);
          expect(off, `${name}, segment ${number}`).toBeLessThan(1e-4 * Math.max(1, Math.abs(answer)));
        }
      }
    }
  },
);
