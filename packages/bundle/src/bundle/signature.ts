import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { fileErrorOf } from '../files/file-error.ts';
import { readJsonFile } from '../files/read-files.ts';
import { sha256 } from '../files/sha256.ts';
import { canonicalJson } from './canonical-json.ts';

const SIGNATURE_FILE = 'signature.json';
const FORMAT = 'vesalius-signature/1';

/** `signature.json`: sha256 of every other file, and an Ed25519 signature over the canonical JSON of all other fields. */
interface BundleSignature {
  readonly format: typeof FORMAT;
  readonly algorithm: 'Ed25519';
  /** Base64 of the SubjectPublicKeyInfo (DER). */
  readonly publicKey: string;
  readonly files: Readonly<Record<string, string>>;
  /** Base64. */
  readonly signature: string;
}

export interface VerifiedBundle {
  /** sha256 of every file, by path inside the bundle. */
  readonly files: Readonly<Record<string, string>>;
  /** sha256 of the public key: what to compare with what the author says. */
  readonly keyFingerprint: string;
}

/** Signs all files that lie in the folder. */
export async function signFolder(folder: string, key: KeyObject): Promise<void> {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
  const unsigned = { format: FORMAT, algorithm: 'Ed25519', publicKey, files: await hashFolder(folder) } as const;
  const signature = sign(null, Buffer.from(canonicalJson(unsigned)), key).toString('base64');
  await writeFile(join(folder, SIGNATURE_FILE), `${JSON.stringify({ ...unsigned, signature }, null, 2)}\n`);
}

/**
 * Makes sure that a bundle is, file by file, what its author signed.
 *
 * @param keyFingerprints - of authors who are trusted; any when left out, which shows that nothing was changed but not by whom
 *   it was made
 * @throws SIGNATURE_INVALID, HASH_MISMATCH with the file that was changed, FILE_NOT_FOUND, FILE_FORMAT
 */
export async function verifyBundle(folder: string, keyFingerprints?: readonly string[]): Promise<VerifiedBundle> {
  const file = join(folder, SIGNATURE_FILE);
  const { signature, ...signed } = parseSignature(await readJsonFile(file), file);
  const key = publicKeyOf(signed.publicKey, file);
  if (!verify(null, Buffer.from(canonicalJson(signed)), key, Buffer.from(signature, 'base64'))) {
    throw new VesaliusError('SIGNATURE_INVALID', { what: 'signature of the bundle', file });
  }
  const keyFingerprint = sha256(Buffer.from(signed.publicKey, 'base64'));
  if (keyFingerprints && !keyFingerprints.includes(keyFingerprint)) {
    throw new VesaliusError('SIGNATURE_INVALID', {
      what: 'key of the bundle',
      got: keyFingerprint,
      expected: keyFingerprints,
      file,
    });
  }
  compareFiles(folder, signed.files, await hashFolder(folder));
  return { files: signed.files, keyFingerprint };
}

function compareFiles(
  folder: string,
  signed: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): void {
  for (const [path, hash] of Object.entries(signed)) {
    const file = join(folder, path);
    if (found[path] === undefined) throw new VesaliusError('FILE_NOT_FOUND', { what: 'file of the bundle', file });
    if (found[path] !== hash)
      throw new VesaliusError('HASH_MISMATCH', { what: 'sha256', got: found[path], expected: hash, file });
  }
  const added = Object.keys(found).find((path) => signed[path] === undefined);
  if (added !== undefined)
    throw new VesaliusError('SIGNATURE_INVALID', { what: 'file that is not signed', file: join(folder, added) });
}

async function hashFolder(folder: string): Promise<Record<string, string>> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const paths = entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .filter((path) => path !== SIGNATURE_FILE);
    const hashes: Record<string, string> = {};
    for (const path of paths.toSorted())
      hashes[path.replaceAll('\\', '/')] = sha256(await readFile(join(folder, path)));
    return hashes;
  } catch (error) {
    throw fileErrorOf(error, folder);
  }
}

function parseSignature(value: unknown, file: string): BundleSignature {
  const fields = Object(value) as Partial<BundleSignature>;
  const { format, algorithm, publicKey, files, signature } = fields;
  const sound = format === FORMAT && algorithm === 'Ed25519' && typeof files === 'object' && files !== null;
  if (sound && typeof publicKey === 'string' && typeof signature === 'string') return fields as BundleSignature;
  throw new VesaliusError('FILE_FORMAT', {
    what: 'signature',
    got: String(format),
    expected: `${FORMAT} with its fields`,
    file,
  });
}

function publicKeyOf(base64: string, file: string): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), type: 'spki', format: 'der' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new VesaliusError('SIGNATURE_INVALID', { what: 'public key of the bundle', file, cause });
  }
  throw new VesaliusError('SIGNATURE_INVALID', { what: 'kind of the public key', expected: 'Ed25519', file });
}
