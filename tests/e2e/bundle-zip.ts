import { join } from 'node:path';
import { writeTinyBundle } from '../../packages/bundle/src/testing/tiny-bundle.ts';
import { zipFolder } from '../server/write-zip.ts';

/** A model that takes clicks and knows nothing, as it is uploaded; `folder` is for its files. */
export async function bundleZip(folder: string): Promise<Buffer> {
  const bundle = join(folder, 'guided.bundle');
  await writeTinyBundle(bundle, { name: 'guided', keys: join(folder, 'keys'), interactive: true });
  return zipFolder(bundle);
}
