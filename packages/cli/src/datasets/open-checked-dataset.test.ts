import { expect, test } from 'vitest';
import { collectedOutput } from '../testing/collected-output.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeLabel, writeScan } from '../testing/write-scan.ts';
import { openCheckedDataset } from './open-checked-dataset.ts';

test('shows how far it is, warns, and refuses unsound data', async () => {
  using folder = temporaryFolder();
  const stderr = collectedOutput();
  const context = { stderr, json: false, signal: new AbortController().signal };
  await writeScan(folder.path, 'images/a.nii', {});
  await writeLabel(folder.path, 'labels/a.nii', 1);
  await writeScan(folder.path, 'images/b.nii', { voxel: () => 7 });
  const { dataset, report } = await openCheckedDataset(folder.path, { patient: '.' }, context);
  expect(stderr.text).toMatch(/^2 cases checked$/m);
  expect(stderr.text).toMatch(/^warning CONSTANT_IMAGE: /m);
  expect([dataset.cases.length, report.cases.length]).toEqual([2, 2]);
  await writeScan(folder.path, 'images/b.nii', { voxel: () => Number.NaN });
  await expect(openCheckedDataset(folder.path, {}, context)).rejects.toThrow(/^NOT_FINITE: /);
});
