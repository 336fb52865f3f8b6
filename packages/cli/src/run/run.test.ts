import { appendFileSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readEvents } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { collectedOutput } from '../testing/collected-output.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openEventFile } from './event-file.ts';
import { durationText, showProgress } from './progress.ts';
import { makeRunFolder } from './run-folder.ts';
import { openRunLog } from './run-log.ts';

test('off a terminal, progress is a line every 5 % but not more than one a second', () => {
  const stream = collectedOutput();
  let time = 0;
  const progress = showProgress(stream, { label: 'Training', now: () => time });
  for (let done = 1; done <= 1000; done++) {
    time += 100;
    progress.update({ done, total: 1000, loss: 1 / done, dice: 0.5 });
  }
  const lines = stream.text.trimEnd().split('\n');
  expect(lines).toHaveLength(20);
  expect(lines[0]).toBe('Training   5 %  loss 0.0200  Dice 0.500  1:35 min left');
  expect(lines.at(-1)).toMatch(/^Training 100 %/);
});

test('on a terminal, progress is one line that fits', () => {
  const stream = collectedOutput(true);
  let time = 0;
  const progress = showProgress(stream, { label: 'Training', now: () => time });
  for (let done = 0; done <= 10; done++) {
    time += 500;
    progress.update({ done, total: 10, loss: 0.5, dice: 0.25, samplesPerSecond: 12.3, note: 'x'.repeat(200) });
  }
  progress.finish();
  expect(stream.text.split('\n')).toHaveLength(2);
  const drawn = stream.text.split('\r\u001b[2K').slice(1);
  expect(drawn).toHaveLength(11);
  for (const line of drawn) expect(line.trimEnd().length).toBeLessThan(80);
  expect(drawn[5]).toContain('████████████');
});

test('progress for machines is JSON', () => {
  const stream = collectedOutput(true);
  let time = 0;
  const progress = showProgress(stream, { label: 'Training', json: true, now: () => time });
  time = 20_000;
  progress.update({ done: 1, total: 4, loss: 2 });
  expect(JSON.parse(stream.text)).toEqual({ progress: 'Training', done: 1, total: 4, loss: 2, secondsLeft: 60 });
});

test.each([
  [5, '5 s'],
  [65, '1:05 min'],
  [3599.6, '1:00 h'],
  [7260, '2:01 h'],
])('%f s reads %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test('a resumed run keeps its log up to the checkpoint and drops what a kill cut', async () => {
  using folder = temporaryFolder();
  const { log: file } = await makeRunFolder(folder.path);
  const first = openRunLog(file);
  for (const step of [1, 2, 3]) first.write({ event: 'step', step, loss: 1 / step });
  first.close();
  appendFileSync(file, '{"event":"st');
  const second = openRunLog(file, 2);
  expect(second.earlier.map(({ step }) => step)).toEqual([1, 2]);
  second.write({ event: 'step', step: 3 });
  second.close();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).step)).toEqual([1, 2, 3]);
  openRunLog(file).close();
  expect(readFileSync(file, 'utf8')).toBe('');
});

test('event files of one run sort in the order they were written and read back', async () => {
  using folder = temporaryFolder();
  const files = [openEventFile(folder.path), openEventFile(folder.path)];
  for (const [i, events] of files.entries()) {
    events.write(i, [{ kind: 'scalar', tag: 'loss', value: 0.5 }]);
    events.close();
  }
  const names = files.map(({ file }) => basename(file));
  expect(names.toSorted()).toEqual(names);
  const { events } = await readEvents(readFileSync(files[1]?.file ?? ''));
  expect(events.at(-1)).toMatchObject({ step: 1, summaries: [{ kind: 'scalar', tag: 'loss', value: 0.5 }] });
});

test('the event file of a resumed run says from which step on the earlier ones are void', async () => {
  using folder = temporaryFolder();
  const events = openEventFile(folder.path, 8);
  events.write(8, [{ kind: 'scalar', tag: 'loss', value: 0.5 }]);
  events.close();
  const read = (await readEvents(readFileSync(events.file))).events;
  expect(read).toMatchObject([
    { step: 8, summaries: [], restart: true },
    { step: 8, summaries: [{ tag: 'loss' }] },
  ]);
  expect(read[1]?.restart).toBeUndefined();
});
