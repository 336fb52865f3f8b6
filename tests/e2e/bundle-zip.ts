import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { writeTinyBundle } from '../../packages/bundle/src/testing/tiny-bundle.ts';
import { writeZip } from '../server/write-zip.ts';

/** A model that takes clicks and knows nothing, as it is uploaded; `folder` is for its files. */
export async function bundleZip(folder: string): Promise<Buffer> {
  const bundle = join(folder, 'guided.bundle');
  await writeTinyBundle(bundle, { name: 'guided', keys: join(folder, 'keys'), interactive: true });
  const files = (await readdir(bundle, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const entries = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return { name: `guided.bundle/${relative(bundle, path)}`, bytes: await readFile(path) };
  });
  return writeZip(await Promise.all(entries));
}
