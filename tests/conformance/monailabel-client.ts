import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pythonWith } from '../../tools/python-env.ts';
import type { MonailabelServer } from './monailabel-server.ts';
import { type ClientCheck, runScript } from './outside-client.ts';

/** The client alone: what the whole server of MONAI Label needs besides are gigabytes. */
const ENVIRONMENT = {
  requirements: 'tests/conformance/monailabel-requirements.txt',
  folder: '.venv/monailabel',
  alone: true,
};

/** Every call of PyPI's client; with the user's name and password where the server asks for them. */
export function runMonailabelClient(
  { alone, scans, model, folder, user }: MonailabelServer,
  auth: boolean,
): Promise<ClientCheck[]> {
  const [scan, other] = scans;
  const args = [alone, scan?.series ?? '', other?.file ?? '', scan?.label ?? '', model, folder];
  return runScript('monailabel-calls.py', [...args, ...(auth ? [user.name, user.password] : [])], ENVIRONMENT);
}

/** The build of OHIF that the package carries. */
export function packagedOhif(): string {
  const lib = join(pythonWith(ENVIRONMENT), '../../lib');
  const [python = ''] = readdirSync(lib).filter((name) => name.startsWith('python3'));
  return join(lib, python, 'site-packages/monailabel/endpoints/static/ohif');
}
