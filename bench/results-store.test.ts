import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openResults } from './results-store.ts';

function measurement() {
  const folder = mkdtempSync(join(tmpdir(), 'results-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const data = join(folder, 'data.txt');
  writeFileSync(data, 'first');
  const options = { name: join(folder, 'a.csv'), columns: ['dice'], sources: ['bench/results-store.ts'], data: [data] };
  return { data, options };
}

test('a stopped run goes on where it was, and a half-written row is measured again', () => {
  const { options } = measurement();
  openResults(options).append('case-1', { dice: 0.5 });
  appendFileSync(options.name, 'case-2,0.');
  const again = openResults(options);
  expect([again.has('case-1'), again.has('case-2')]).toEqual([true, false]);
  again.append('case-2', { dice: 0.7 });
  expect(
    openResults(options)
      .current()
      .map((row) => [row.case, row.values.dice]),
  ).toEqual([
    ['case-1', 0.5],
    ['case-2', 0.7],
  ]);
});

test('rows of other data are stale and measured again', () => {
  const { data, options } = measurement();
  openResults(options).append('case-1', { dice: 0.5 });
  writeFileSync(data, 'second');
  const later = openResults(options);
  expect(later.has('case-1')).toBe(false);
  expect(later.recheck().map(({ stale }) => stale)).toEqual([['data']]);
});

test('rows of other code are stale, and the latest of each case can still be asked for', () => {
  const { data, options } = measurement();
  openResults(options).append('case-1', { dice: 0.5 });
  const later = openResults({ ...options, sources: ['bench/goals.json'] });
  expect(later.recheck().map(({ stale }) => stale)).toEqual([['code']]);
  expect(later.current()).toEqual([]);
  later.append('case-1', { dice: 0.6 });
  expect(later.earlier().map(({ values }) => values['dice'])).toEqual([0.6]);
  writeFileSync(data, 'second');
  expect(openResults(options).earlier()).toEqual([]);
});

test('refuses a file with other columns, missing data and sources that git does not track', () => {
  const { options } = measurement();
  openResults(options);
  expect(() => openResults({ ...options, columns: ['auc'] })).toThrow('FILE_FORMAT');
  expect(() => openResults({ ...options, data: ['/missing'] })).toThrow('FILE_NOT_FOUND');
  expect(() => openResults({ ...options, sources: ['bench/*.ts', 'nothing/**'] })).toThrow('FILE_NOT_FOUND');
});
