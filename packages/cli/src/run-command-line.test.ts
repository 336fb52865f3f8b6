import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES, VesaliusError } from '@vesalius/errors';
import { RECIPES } from '@vesalius/medical';
import { expect, test } from 'vitest';
import { defineCommand } from './commands/command.ts';
import { COMMANDS } from './commands/commands.ts';
import { runCommandLine } from './run-command-line.ts';
import { collectedOutput } from './testing/collected-output.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const failWith = (name: string, error: unknown) =>
  defineCommand({ name, summary: 'fails', usage: '', options: {}, run: () => Promise.reject(error) });

async function run(line: string, cwd = '.', commands = COMMANDS) {
  const [stdout, stderr] = [collectedOutput(), collectedOutput()];
  const context = { stdout, stderr, cwd, signal: new AbortController().signal };
  const status = await runCommandLine(commands, line.split(' ').filter(Boolean), context);
  return { status, out: stdout.text, err: stderr.text };
}

test('shows the commands, one command, the version and the exit statuses', async () => {
  expect((await run('')).out).toContain('Commands:');
  expect((await run('help plan')).out).toBe((await run('plan --help')).out);
  expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  const errors = (await run('help errors')).out;
  for (const [code, { exitStatus }] of Object.entries(ERROR_CODES)) expect(errors).toContain(`${exitStatus}  ${code}`);
});

test('suggests the command that was meant', async () => {
  expect(await run('paln')).toMatchObject({ status: 2, err: 'UNKNOWN_OPTION: command, got paln, expected plan?\n' });
});

test('the help of train names every recipe', async () => {
  const { out } = await run('train --help');
  for (const name of Object.keys(RECIPES)) expect(out).toContain(name);
});

test('takes rules about patients only where cases are split', async () => {
  expect((await run('train --help')).out).toContain('--patient REGEX');
  expect(await run('evaluate bundle data --patient x')).toMatchObject({
    status: 2,
    err: expect.stringMatching(/^UNKNOWN_OPTION: option, got --patient, /),
  });
});

test.each([
  ['ENOENT', 'FILE_NOT_FOUND', 3],
  ['EACCES', 'FILE_UNREADABLE', 3],
  ['EISDIR', 'FILE_UNREADABLE', 3],
  ['EMFILE', 'FILE_UNREADABLE', 3],
  ['ENOSPC', 'DISK_FULL', 4],
  ['ENOMEM', 'OUT_OF_MEMORY', 4],
])('turns %s into %s with the file', async (errno, code, exitStatus) => {
  const error = Object.assign(new Error(`${errno}: no`), { code: errno, path: '/a/b' });
  const { status, err } = await run('fail', '.', [failWith('fail', error)]);
  expect(status).toBe(exitStatus);
  expect(err).toMatch(new RegExp(`^${code}: .* \\(/a/b\\)\n$`));
});

test('turns an allocation that fails into OUT_OF_MEMORY', async () => {
  const allocation = defineCommand({
    name: 'fill',
    summary: '',
    usage: '',
    options: {},
    run: async () => void new Float64Array(2 ** 40),
  });
  expect(await run('fill', '.', [allocation])).toMatchObject({
    status: 4,
    err: expect.stringMatching(/^OUT_OF_MEMORY: .*\n$/),
  });
});

test('says everything in one JSON line when asked', async () => {
  const error = new VesaliusError('NOT_FINITE', { what: 'voxels', got: 3, expected: 0, file: 'a.nii' });
  const { status, err } = await run('fail --json', '.', [failWith('fail', error)]);
  expect(status).toBe(5);
  expect(JSON.parse(err)).toMatchObject({
    error: { code: 'NOT_FINITE', what: 'voxels', got: 3, file: 'a.nii' },
    exitStatus: 5,
  });
  expect(err.trimEnd()).not.toContain('\n');
});

test('a defect is one line too and ends with 1', async () => {
  expect(await run('fail', '.', [failWith('fail', new TypeError('x\nis not'))])).toMatchObject({
    status: 1,
    err: expect.stringMatching(/^DEFECT: x is not.*\n$/),
  });
});

test('writes phantoms, plans for them, and will not write over other things', { timeout: 60_000 }, async () => {
  using folder = temporaryFolder();
  expect(await run('phantom heads --cases 3 --seed 5', folder.path)).toMatchObject({ status: 0 });
  const first = readFileSync(join(folder.path, 'heads/images/phantom_001.nii.gz'));
  expect(await run('phantom heads --cases 2 --seed 5', folder.path)).toMatchObject({ status: 0 });
  expect(readFileSync(join(folder.path, 'heads/images/phantom_001.nii.gz')).equals(first)).toBe(true);
  expect(readdirSync(join(folder.path, 'heads/labels'))).toHaveLength(2);
  const { status, out } = await run('plan heads --json --out plans/plan.json', folder.path);
  expect(status).toBe(0);
  const plan = JSON.parse(out);
  expect(plan.classes.map(({ name }: { name: string }) => name)).toEqual([
    'background',
    'brain',
    'ventricles',
    'lesion',
  ]);
  expect(JSON.parse(readFileSync(join(folder.path, 'plans/plan.json'), 'utf8'))).toEqual(plan);
  expect(await run('phantom plans', folder.path)).toMatchObject({ status: 4 });
  expect(existsSync(join(folder.path, 'plans/plan.json'))).toBe(true);
});
