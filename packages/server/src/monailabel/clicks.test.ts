import { createVolume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { clicksOf, clicksOfScribbles } from './clicks.ts';

const LABELS = [
  { value: 1, name: 'spleen', color: '#000000' },
  { value: 3, name: 'liver', color: '#000000' },
];

test.each([
  ['DeepGrow', { label: 'liver', foreground: [[1, 2, 3]], background: [[4, 5, 6]] }, [3, 0]],
  ['DeepEdit', { spleen: [[1, 2, 3]], liver: [], background: [[4, 5, 6]], label: 'spleen' }, [0, 1]],
  [
    'VISTA-3D',
    {
      points: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      point_labels: [1, 0],
      label_prompt: [3],
    },
    [3, 0],
  ],
  ['settings alone', { result_extension: '.nrrd', label: 'liver' }, []],
])('points as %s sends them', (_, params, values) => {
  expect(clicksOf(params, LABELS).map(({ value }) => value)).toEqual(values);
});

test('refuses points that are none', () => {
  expect(() => clicksOf({ foreground: [[1, 'x', 3]] }, LABELS)).toThrow(
    expect.objectContaining({ code: 'BAD_REQUEST' }),
  );
});

test('scribbles become points: background behind the labels, foreground behind that', () => {
  const voxels = new Uint8Array(8);
  voxels.set([4, 5], 2);
  const clicks = clicksOfScribbles(createVolume({ voxels, size: [2, 2, 2] }), LABELS, 'liver');
  expect(clicks).toEqual([
    { voxel: [0, 1, 0], value: 0 },
    { voxel: [1, 1, 0], value: 3 },
  ]);
});
