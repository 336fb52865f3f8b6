import type { ModelAnswer } from '@vesalius/api';
import { expect, test } from 'vitest';
import { writeZip } from '../app/write-zip.ts';
import { lineage, parentOf } from './lineage.ts';

function model(id: string, year: number, parent?: string): ModelAnswer {
  return {
    id,
    name: id.split('-')[0] ?? id,
    version: '1.0.0',
    project: 'default',
    createdAt: `${year}-01-01T00:00:00.000Z`,
    addedAt: `${year}-01-01T00:00:00.000Z`,
    channels: ['MR'],
    labels: [],
    interactive: false,
    dimensions: 3,
    metrics: [],
    ...(parent === undefined ? {} : { parent }),
    bytes: 1,
    signedBy: 'x',
  };
}

test('models stand below those they came from, newest first; unknown parents and parents of later birth are none', () => {
  const all = [
    model('a-1', 2020),
    model('a-2', 2022, 'a'),
    model('b-1', 2023, 'a-2'),
    model('c-1', 2021, 'b'),
    model('d', 2024, 'z'),
  ];
  expect(lineage(all).map(({ model: { id }, depth }) => `${depth} ${id}`)).toEqual([
    '0 d',
    '0 c-1',
    '0 a-1',
    '1 a-2',
    '2 b-1',
  ]);
  expect(parentOf(model('a-3', 2023, 'a'), all)?.id).toBe('a-2');
});

test('a zip holds its files as they are: names, check sums and places', async () => {
  const bytes = new TextEncoder().encode('123456789');
  const zip = new Uint8Array(
    await writeZip([
      { path: 'möd/a.txt', bytes },
      { path: 'b', bytes: new Uint8Array() },
    ]).arrayBuffer(),
  );
  const view = new DataView(zip.buffer);
  expect(view.getUint32(14, true)).toBe(0xcbf43926);
  const end = zip.length - 22;
  expect([view.getUint32(end, true), view.getUint16(end + 10, true)]).toEqual([0x06054b50, 2]);
  expect(view.getUint32(view.getUint32(end + 16, true), true)).toBe(0x02014b50);
  expect(new TextDecoder().decode(zip.subarray(30, 40))).toBe('möd/a.txt');
});
