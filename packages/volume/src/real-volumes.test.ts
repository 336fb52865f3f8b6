import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readNifti } from './nifti/read-nifti.ts';
import { writeNifti } from './nifti/write-nifti.ts';
import { sameGrid } from './same-grid.ts';
import { spacingMm } from './volume.ts';

const DATA = process.env.VESALIUS_DATA ?? '';
const files = (folder: string): string[] =>
  readdirSync(join(DATA, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.nii(\.gz)?$/.test(name))
    .map((name) => join(DATA, folder, name));

test.skipIf(!DATA)(
  'reads every hippocampus image and label, on one grid each (VESALIUS_DATA)',
  { timeout: 60_000 },
  async () => {
    const images = files('hippocampus/images');
    expect(images.length).toBe(130);
    for (const path of images) {
      const image = await readNifti(readFileSync(path), path);
      const label = await readNifti(readFileSync(path.replace('images', 'labels')), path);
      expect(sameGrid(image, label)).toBe(true);
      expect(spacingMm(image).map((mm) => Math.round(mm * 1e3))).toEqual([1000, 1000, 1000]);
      expect(label.voxels.every((value) => Number(value) <= 2)).toBe(true);
    }
  },
);

test.skipIf(!DATA)(
  'reads and rewrites the NIfTI samples without a change (VESALIUS_DATA)',
  { timeout: 60_000 },
  async () => {
    const samples = [...files('niivue_nifti'), ...files('totalseg_ct')];
    expect(samples.length).toBeGreaterThan(15);
    for (const path of samples) {
      const volume = await readNifti(readFileSync(path), path);
      const again = await readNifti(await writeNifti(volume, { version: 2, gzip: false }));
      expect(again.voxels.length).toBe(volume.voxels.length);
      expect(Buffer.compare(Buffer.from(again.voxels.buffer), Buffer.from(volume.voxels.buffer))).toBe(0);
      expect(sameGrid(again, volume, 1e-9)).toBe(true);
      expect(again.timeStepSeconds).toBeCloseTo(volume.timeStepSeconds, 6);
    }
  },
);
