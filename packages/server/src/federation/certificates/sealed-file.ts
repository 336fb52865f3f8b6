import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VesaliusError } from '@vesalius/errors';

const MAGIC = Buffer.from('VSEAL1');
const SALT = 'vesalius federation';
const [IV, TAG] = [12, 16];

/** Files of a federation: replaced in one step, flushed, readable by the owner alone; encrypted (AES-256-GCM) where there is a secret. */
export interface SealedFiles {
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** @returns nothing where there is no such file. @throws HASH_MISMATCH when it cannot be opened with the secret */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** @param secret - of the settings; files stand open without it */
export function sealedFiles(secret: string | undefined): SealedFiles {
  const key = secret === undefined ? undefined : scryptSync(secret, SALT, 32);
  return {
    write: (path, bytes) => replace(path, key ? seal(bytes, key) : bytes),
    read: async (path) => {
      const bytes = await readFile(path).catch(absent);
      if (bytes === undefined) return undefined;
      if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return new Uint8Array(bytes);
      return new Uint8Array(unseal(bytes, key, path));
    },
  };
}

function seal(bytes: Uint8Array, key: Buffer): Buffer {
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = [cipher.update(bytes), cipher.final()];
  return Buffer.concat([MAGIC, iv, cipher.getAuthTag(), ...sealed]);
}

function unseal(bytes: Buffer, key: Buffer | undefined, file: string): Buffer {
  const wrong = (cause?: unknown) =>
    new VesaliusError('HASH_MISMATCH', {
      what: 'file cannot be opened',
      expected: 'the secret of the settings',
      file,
      cause,
    });
  if (!key) throw wrong();
  const at = MAGIC.length + IV;
  const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(MAGIC.length, at));
  cipher.setAuthTag(bytes.subarray(at, at + TAG));
  try {
    return Buffer.concat([cipher.update(bytes.subarray(at + TAG)), cipher.final()]);
  } catch (cause) {
    throw wrong(cause);
  }
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

function absent(error: unknown): undefined {
  if ((error as { code?: string }).code === 'ENOENT') return undefined;
  throw error;
}
