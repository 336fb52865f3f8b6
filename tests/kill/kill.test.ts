import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTinyData, writeTinyPlan } from '../program/tiny-data.ts';
import { runVesalius } from '../program/vesalius.ts';
import {
  commandLine,
  halfWritten,
  killAndResume,
  lastStep,
  type TrainingPlace,
  trainWhole,
  weightsOf,
} from './kill-training.ts';
import { largestDifference, lossesInOrder, shuffledOrder } from './permuted-orders.ts';

const place: TrainingPlace = { folder: mkdtempSync(join(tmpdir(), 'vesalius-kill-')), steps: 24 };
let expected: Buffer = Buffer.alloc(0);

beforeAll(async () => {
  await writeTinyData(join(place.folder, 'data'));
  await writeTinyPlan(place.folder, 'data');
  expected = await trainWhole(place, 'whole.bundle');
});
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

test.skipIf(process.platform === 'win32')('killed between steps, it ends with the same bytes', async () => {
  const moment = { kind: 'step', step: 7, delayMs: 20 } as const;
  const { faults, step } = await killAndResume(place, { name: 'a.bundle', moment, expected });
  expect(faults).toEqual([]);
  expect(step).toBeGreaterThanOrEqual(7);
});

test.skipIf(process.platform === 'win32')(
  'killed while the bundle is written, it leaves nothing half written',
  async () => {
    const moment = { kind: 'writing', what: 'bundle', afterStep: 0, delayMs: 0 } as const;
    const { faults, insideWriting } = await killAndResume(place, { name: 'b.bundle', moment, expected });
    expect(faults).toEqual([]);
    expect(insideWriting).toBe(true);
  },
);

test.skipIf(process.platform === 'win32')(
  'Ctrl-C saves and ends with 130; the same command goes on to the same bytes',
  async () => {
    const line = commandLine(place, 'c.bundle');
    const stopped = await runVesalius(line, {
      cwd: place.folder,
      onStart: (child) => {
        const looking = setInterval(() => {
          if (lastStep(place, 'c.bundle') < 3) return;
          clearInterval(looking);
          child.kill('SIGINT');
        }, 5);
        child.on('exit', () => clearInterval(looking));
      },
    });
    expect(stopped.status).toBe(130);
    expect(stopped.stderr.trimEnd().split('\n').at(-1)).toMatch(/^INTERRUPTED: training, got stopped after step \d+/);
    expect(readdirSync(place.folder)).not.toContain('c.bundle');
    expect(halfWritten(place, 'c.bundle')).toEqual([]);
    expect((await runVesalius(line, { cwd: place.folder })).status).toBe(0);
    expect(weightsOf(place, 'c.bundle').equals(expected)).toBe(true);
  },
);

test('resumed with another option, it says that the checkpoint belongs to another training', async () => {
  const line = commandLine(place, 'whole.bundle', ['--seed', '5']);
  const { status, stderr } = await runVesalius(line, { cwd: place.folder });
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^CHECKPOINT_MISMATCH: /);
  expect(status).toBe(8);
});

test('reproduce makes the same bytes again', async () => {
  const line = ['reproduce', 'whole.bundle', '--data', 'data', '--json'];
  const { status, stdout, stderr } = await runVesalius(line, { cwd: place.folder });
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ same: true, steps: place.steps });
});

test('the whole training step is the same whatever the order of its nodes', async () => {
  const inOrder = await lossesInOrder(4);
  for (const seed of [1, 2])
    expect(largestDifference(inOrder, await lossesInOrder(4, shuffledOrder(seed)))).toBeLessThan(1e-5);
});
