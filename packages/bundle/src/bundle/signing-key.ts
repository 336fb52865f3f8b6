import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { readFileBytes } from '../files/read-files.ts';
import { writeFileAtomic } from '../files/write-atomic.ts';
import { configFolder } from './config-folder.ts';

/**
 * The Ed25519 key this person signs bundles with, made at first use and readable by nobody else.
 *
 * @throws FILE_FORMAT when the file holds no such key
 */
export async function signingKey(folder: string = configFolder()): Promise<KeyObject> {
  const file = join(folder, 'signing-key.pem');
  try {
    return parseKey(await readFileBytes(file), file);
  } catch (error) {
    if (!(error instanceof VesaliusError && error.code === 'FILE_NOT_FOUND')) throw error;
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFileAtomic(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  // Read back, so that two programs that start at once end with one key.
  return parseKey(await readFileBytes(file), file);
}

function parseKey(pem: Uint8Array<ArrayBuffer>, file: string): KeyObject {
  try {
    const key = createPrivateKey(Buffer.from(pem));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new VesaliusError('FILE_FORMAT', { what: 'signing key', expected: 'an Ed25519 key in PEM', file, cause });
  }
  throw new VesaliusError('FILE_FORMAT', { what: 'kind of the signing key', expected: 'Ed25519', file });
}
