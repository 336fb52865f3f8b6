import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import type { TrainingResources } from '@vesalius/api';
import { listFolderFiles } from '../http/send-folder-file.ts';

interface Folders {
  readonly root: string;
  readonly run: string;
  readonly data: string;
}

/** What a training takes of the disk now, and what the machine has. */
export async function trainingResources({ root, run, data }: Folders): Promise<TrainingResources> {
  const [runBytes, dataBytes, { bavail, bsize }] = await Promise.all([bytesOf(run), bytesOf(data), statfs(root)]);
  return {
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    memoryFreeBytes: freemem(),
    runBytes,
    dataBytes,
    diskFreeBytes: bavail * bsize,
  };
}

async function bytesOf(folder: string): Promise<number> {
  return (await listFolderFiles(folder)).reduce((sum, { bytes }) => sum + bytes, 0);
}
