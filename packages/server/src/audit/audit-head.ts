import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** The newest event as it was told to a file outside the database: a log that was cut off or written anew does not hold it. */
export interface AuditHead {
  readonly sequence: number;
  readonly hash: string;
}

const FILE = 'audit-head.json';

/** @returns nothing where no event was ever written */
export async function readAuditHead(dataFolder: string): Promise<AuditHead | undefined> {
  try {
    return JSON.parse(await readFile(join(dataFolder, FILE), 'utf8')) as AuditHead;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces the file in one step. */
export async function writeAuditHead(dataFolder: string, head: AuditHead): Promise<void> {
  const path = join(dataFolder, FILE);
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(head)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
