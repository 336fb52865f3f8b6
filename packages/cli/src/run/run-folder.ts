import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileErrorOf } from '@vesalius/bundle/files';

/** Where a training keeps what it does: `log.jsonl`, TensorBoard's event files, `checkpoints/`. */
export interface RunFolder {
  readonly path: string;
  readonly log: string;
  readonly checkpoints: string;
}

/** Makes the folder where it is missing. */
export async function makeRunFolder(path: string): Promise<RunFolder> {
  const checkpoints = join(path, 'checkpoints');
  try {
    await mkdir(checkpoints, { recursive: true });
  } catch (error) {
    throw fileErrorOf(error, path, true);
  }
  return { path, log: join(path, 'log.jsonl'), checkpoints };
}
