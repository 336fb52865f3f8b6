import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings } from './read-settings.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

async function fileOf(value: unknown): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'vesalius-settings-')), 'settings.json');
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

test('without anything said, the defaults', () => {
  expect(readSettings({ environment: {} })).toEqual(DEFAULT_SETTINGS);
});

test('what was given goes before the environment, that before the file, that before the defaults', async () => {
  const file = await fileOf({ httpPort: 1, host: '0.0.0.0', dimse: { port: 2, aeTitle: 'FILE' } });
  const environment = { VESALIUS_HTTP_PORT: '3', VESALIUS_AE_TITLE: 'ENV', VESALIUS_ALLOWED_TARGETS: '["10.0.0.0/8"]' };
  const settings = readSettings({ file, environment, given: { dimse: { aeTitle: 'GIVEN' } } });
  expect(settings).toMatchObject({ httpPort: 3, host: '0.0.0.0', allowedTargets: ['10.0.0.0/8'] });
  expect(settings.dimse).toEqual({ ...DEFAULT_SETTINGS.dimse, port: 2, aeTitle: 'GIVEN' });
  expect(settings.limits).toEqual(DEFAULT_SETTINGS.limits);
});

test('MONAI Label asks for credentials until it is told not to', () => {
  const environment = { VESALIUS_MONAILABEL: '{"port": 8000}' };
  expect(readSettings({ environment }).monailabel).toEqual({ root: '/monailabel', auth: true, port: 8000 });
});

test.each([
  [{ htpPort: 1 }, 'INVALID_ARGUMENT', 'htpPort'],
  [{ httpPort: 'x' }, 'INVALID_ARGUMENT', 'httpPort'],
  [{ dimse: { aeTitle: 'LONGER THAN SIXTEEN' } }, 'INVALID_ARGUMENT', 'dimse.aeTitle'],
  [{ database: 'mysql://x' }, 'INVALID_ARGUMENT', 'database'],
  ['{', 'FILE_FORMAT', 'not JSON'],
])('a file that cannot be meant is refused, and named: %j', async (value, code, said) => {
  const file = await fileOf(value);
  expect(() => readSettings({ file, environment: {} })).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(said) }),
  );
  expect(() => readSettings({ file, environment: {} })).toThrow(file);
});

test('a file that is not there and a wrong variable are refused', () => {
  expect(() => readSettings({ file: '/none', environment: {} })).toThrow('FILE_NOT_FOUND');
  expect(() => readSettings({ environment: { VESALIUS_HTTP_PORT: 'eighty' } })).toThrow('httpPort');
});
