import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeLabel, writeScan } from '../testing/write-scan.ts';
import { openDataset } from './open-dataset.ts';

test('pairs images and labels by name, and leaves an image without label unlabelled', async () => {
  using folder = temporaryFolder();
  await writeScan(folder.path, 'images/b.nii.gz');
  await writeScan(folder.path, 'images/a.nrrd');
  await writeScan(folder.path, 'images/._a.nii');
  const label = await writeLabel(folder.path, 'labels/b.nii');
  const { layout, cases } = await openDataset(folder.path);
  expect(layout).toBe('images-labels');
  expect(cases.map(({ id, label }) => [id, label])).toEqual([
    ['a', undefined],
    ['b', label],
  ]);
});

test('names the label that has no image', async () => {
  using folder = temporaryFolder();
  await writeScan(folder.path, 'images/a.nii.gz');
  const file = await writeLabel(folder.path, 'labels/z.nii.gz');
  await expect(openDataset(folder.path)).rejects.toThrow(`DATA_MISMATCH: image of label z, got none (${file})`);
});

test('finds pictures with masks by the names dermoscopy sets use', async () => {
  using folder = temporaryFolder();
  for (const name of ['images', 'masks']) await mkdir(join(folder.path, name));
  const picture = (channels: 1 | 3) =>
    encodePng({ width: 1, height: 1, channels, data: new Uint8Array(channels).fill(9) });
  await writeFile(join(folder.path, 'images/p1.png'), await picture(1));
  await writeFile(join(folder.path, 'masks/p1_segmentation.png'), await picture(1));
  const { cases, channels } = await openDataset(folder.path);
  expect(channels).toEqual([{ name: 'image' }]);
  await writeFile(join(folder.path, 'images/p2.png'), await picture(3));
  expect((await openDataset(folder.path)).channels.map(({ name }) => name)).toEqual(['red', 'green', 'blue']);
  expect(cases[0]).toMatchObject({ id: 'p1', label: join(folder.path, 'masks/p1_segmentation.png') });
});

const DECATHLON = {
  name: 'Heart',
  modality: { '0': 'FLAIR', '1': 'T1w' },
  labels: { '1': 'edema', '0': 'background', '2': 'core' },
  training: [{ image: './imagesTr/a.nii.gz', label: './labelsTr/a.nii.gz' }],
  test: ['./imagesTs/b.nii.gz'],
};

async function writeDecathlon(folder: string, changes: object): Promise<void> {
  await writeScan(folder, 'imagesTr/a.nii.gz', { timePoints: 2 });
  await writeLabel(folder, 'labelsTr/a.nii.gz');
  await writeFile(join(folder, 'dataset.json'), JSON.stringify({ ...DECATHLON, ...changes }));
}

test('reads a Decathlon folder: channels, classes in order, cases', async () => {
  using folder = temporaryFolder();
  await writeDecathlon(folder.path, {});
  const dataset = await openDataset(folder.path);
  expect(dataset).toMatchObject({ name: 'Heart', layout: 'decathlon', channels: [{ name: 'FLAIR' }, { name: 'T1w' }] });
  expect(dataset.labels.map(({ value }) => value)).toEqual([0, 1, 2]);
  expect(dataset.cases).toHaveLength(1);
});

test.each([
  [{ training: 3 }, 'FILE_FORMAT: field training, got 3, expected a list'],
  [{ training: [{ image: '../x.nii', label: 'y' }] }, 'expected a file inside the folder'],
  [{ training: [{ image: 'imagesTr/none.nii.gz', label: 'y' }] }, 'FILE_NOT_FOUND'],
  [{ labels: { x: 'a' } }, 'FILE_FORMAT: field labels, got "x", expected whole numbers from 0'],
  [{ modality: { '1': 'CT' } }, 'FILE_FORMAT: field modality'],
])('refuses a dataset.json with %j', async (changes, message) => {
  using folder = temporaryFolder();
  await writeDecathlon(folder.path, changes);
  await expect(openDataset(folder.path)).rejects.toThrow(message);
});

const NNUNET = { channel_names: { '0': 'T1', '1': 'T2' }, labels: { background: 0, tumour: 1 }, file_ending: '.nrrd' };

async function writeNnunet(folder: string, changes: object = {}): Promise<void> {
  for (const channel of ['0000', '0001']) await writeScan(folder, `imagesTr/case_7_${channel}.nrrd`);
  await writeLabel(folder, 'labelsTr/case_7.nrrd');
  await writeFile(join(folder, 'dataset.json'), JSON.stringify({ ...NNUNET, ...changes }));
}

test('reads an nnU-Net v2 folder: one file a channel', async () => {
  using folder = temporaryFolder();
  await writeNnunet(folder.path);
  const { cases, labels, layout } = await openDataset(folder.path);
  expect(layout).toBe('nnunet');
  expect(labels).toEqual([
    { value: 0, name: 'background' },
    { value: 1, name: 'tumour' },
  ]);
  expect(cases[0]?.images).toEqual(['0000', '0001'].map((n) => join(folder.path, `imagesTr/case_7_${n}.nrrd`)));
});

test('refuses regions and a missing channel of nnU-Net with their names', async () => {
  using folder = temporaryFolder();
  await writeNnunet(folder.path, { labels: { background: 0, whole: [1, 2] } });
  await expect(openDataset(folder.path)).rejects.toThrow(
    'FILE_UNSUPPORTED: field labels, got regions of several values',
  );
  await writeNnunet(folder.path, { channel_names: { '0': 'T1', '1': 'T2', '2': 'PD' } });
  await expect(openDataset(folder.path)).rejects.toThrow('files of case case_7, got no case_7_0002.nrrd');
});

test('reads one folder a case, with or without the case name in its files', async () => {
  using folder = temporaryFolder();
  for (const name of ['p1_x/t1.nii.gz', 'p1_x/flair.nii.gz', 'p2_y/p2_y_t1.nii.gz', 'p2_y/p2_y_flair.nii.gz']) {
    await writeScan(folder.path, name);
  }
  await writeLabel(folder.path, 'p2_y/p2_y_seg.nii.gz');
  const { channels, cases } = await openDataset(folder.path, { patient: '^p\\d', site: '[xy]$' });
  expect(channels).toEqual([{ name: 'flair' }, { name: 't1' }]);
  expect(cases.map(({ patient, site }) => [patient, site])).toEqual([
    ['p1', 'x'],
    ['p2', 'y'],
  ]);
  expect(cases.map(({ label }) => label)).toEqual([undefined, join(folder.path, 'p2_y/p2_y_seg.nii.gz')]);
  await expect(openDataset(folder.path, { patient: 'q' })).rejects.toThrow('INVALID_ARGUMENT: patient rule, got q');
  await expect(openDataset(folder.path, { patient: '(' })).rejects.toThrow('expected a regular expression');
});

test('names the case that lacks a modality', async () => {
  using folder = temporaryFolder();
  for (const name of ['a/t1.nii', 'a/t2.nii', 'b/t1.nii']) await writeScan(folder.path, name);
  await expect(openDataset(folder.path)).rejects.toThrow('modalities of case b, got [t1], expected [t1, t2]');
});

const MODEL = { channels: [{ name: 'T1' }, { name: 't1ce' }, { name: 'flair' }] };

test("finds a model's channels by their names, leaves others alone, and lacks one only where that is allowed", async () => {
  using folder = temporaryFolder();
  for (const name of ['a/t2.nii', 'a/flair.nii', 'a/t1.nii', 'b/b_T1CE.nii']) await writeScan(folder.path, name);
  const { channels, cases } = await openDataset(folder.path, { ...MODEL, missing: true });
  expect(channels).toEqual(MODEL.channels);
  expect(cases.map(({ images }) => images)).toEqual([
    [join(folder.path, 'a/t1.nii'), null, join(folder.path, 'a/flair.nii')],
    [null, join(folder.path, 'b/b_T1CE.nii'), null],
  ]);
  await expect(openDataset(folder.path, MODEL)).rejects.toThrow('modalities of case a, got [flair, t1, t2]');
  await writeScan(folder.path, 'c/other.nii');
  await expect(openDataset(folder.path, { ...MODEL, missing: true })).rejects.toThrow(
    'modalities of case c, got [other], expected some of T1, t1ce, flair',
  );
});

test('reads a folder of files by channel, named or numbered', async () => {
  using folder = temporaryFolder();
  for (const name of ['x_1-t1ce.nii.gz', 'x_1-t1.nii.gz', 'y_0000.nii.gz', 'y_0002.nii.gz', 'notes.nii'])
    await writeScan(folder.path, name);
  const { layout, cases } = await openDataset(folder.path, { ...MODEL, missing: true });
  expect(layout).toBe('channel-files');
  expect(cases.map(({ id, images }) => [id, images.map((file) => file?.slice(folder.path.length + 1))])).toEqual([
    ['x_1', ['x_1-t1.nii.gz', 'x_1-t1ce.nii.gz', undefined]],
    ['y', ['y_0000.nii.gz', undefined, 'y_0002.nii.gz']],
  ]);
  await writeScan(folder.path, 'y_T1.nii');
  await expect(openDataset(folder.path, MODEL)).rejects.toThrow('files of case y, got 2, expected one T1');
});

test('an nnU-Net folder may lack a channel where that is allowed, but no label', async () => {
  using folder = temporaryFolder();
  await writeNnunet(folder.path, { channel_names: { '0': 'T1', '1': 'T2', '2': 'PD' } });
  const { cases } = await openDataset(folder.path, { missing: true });
  expect(cases[0]?.images[2]).toBeNull();
  await writeScan(folder.path, 'imagesTr/case_8_0000.nrrd');
  await expect(openDataset(folder.path, { missing: true })).rejects.toThrow('got no case_8.nrrd');
});

test('refuses what is no data folder', async () => {
  using folder = temporaryFolder();
  await expect(openDataset(folder.path)).rejects.toThrow('EMPTY_FOLDER');
  await expect(openDataset(join(folder.path, 'none'))).rejects.toThrow('FILE_NOT_FOUND');
  await mkdir(join(folder.path, 'images'));
  await expect(openDataset(folder.path)).rejects.toThrow('EMPTY_FOLDER: cases');
});

test('follows a linked file', async () => {
  using folder = temporaryFolder();
  const file = await writeScan(folder.path, 'elsewhere/a.nii');
  await mkdir(join(folder.path, 'data/images'), { recursive: true });
  await symlink(file, join(folder.path, 'data/images/a.nii'));
  expect((await openDataset(join(folder.path, 'data'))).cases).toHaveLength(1);
});
