import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeLabel, writeScan } from '../testing/write-scan.ts';
import { checkDataset } from './check-dataset.ts';
import { openDataset } from './open-dataset.ts';
import { parsePlan } from './parse-plan.ts';
import { planDataset } from './plan-dataset.ts';

async function planned() {
  using folder = temporaryFolder();
  await writeScan(folder.path, 'images/a.nii', { size: [16, 16, 16] });
  await writeLabel(folder.path, 'labels/a.nii', 2, { size: [16, 16, 16] });
  const dataset = await openDataset(folder.path);
  const report = await checkDataset(dataset);
  return {
    plan: planDataset(dataset, report),
    gpuPlan: planDataset(dataset, report, { device: 'gpu' }),
    data: { channels: dataset.channels, labels: report.labels },
  };
}

/** A copy of the plan with one field, named by its path, replaced; undefined leaves it out. */
function changed(plan: object, path: string, value: unknown): unknown {
  const copy = structuredClone(plan) as Record<string, never>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  Object.assign(
    keys.reduce((inner: Record<string, never>, key) => inner[key] ?? inner, copy),
    { [last]: value },
  );
  return JSON.parse(JSON.stringify(copy));
}

test('takes the plans that this program writes', async () => {
  const { plan, gpuPlan, data } = await planned();
  expect([plan.network.value.name, gpuPlan.network.value.name]).toEqual(['UNet', 'DynUNet']);
  for (const one of [plan, gpuPlan]) expect(parsePlan(JSON.parse(JSON.stringify(one)), 'plan.json', data)).toEqual(one);
});

test('says which choice is missing or of the wrong kind', async () => {
  const { plan, data } = await planned();
  const refused = (path: string, value: unknown) =>
    expect(() => parsePlan(changed(plan, path, value), 'plan.json', data));
  refused('format', undefined).toThrow('FILE_FORMAT: format of the plan, got nothing, expected vesalius-plan/1');
  refused('batchSize.value', 0).toThrow(
    'FILE_FORMAT: plan, batchSize.value, got 0, expected a whole number from 1 (plan.json)',
  );
  refused('network', undefined).toThrow(
    'FILE_FORMAT: plan, network.value, got nothing, expected a UNet, a DynUNet or a Method',
  );
  refused('network.value.strides', [[1, 1], 2]).toThrow('FILE_FORMAT: plan, network.value.strides, got [[1,1],2]');
  refused('orientation.value', 'RAR').toThrow('FILE_FORMAT: plan, orientation.value');
  refused('classes', [{ value: 'a' }]).toThrow('FILE_FORMAT: plan, classes');
  refused('network.value.inChannels', 2).toThrow('DATA_MISMATCH: channels of the plan, got 2, expected 1 (plan.json)');
  refused('classes.2.value', 7).toThrow('DATA_MISMATCH: classes of the plan, got 0, 1, 7, expected 0, 1, 7, 2');
});

test.each([null, 3, 'plan', [], {}])('refuses %j', (value) => {
  expect(() => parsePlan(value, 'plan.json', { channels: [{ name: 'image' }], labels: [] })).toThrow('FILE_FORMAT');
});
