import { VesaliusError } from '@vesalius/errors';

/** The secret of a project: what it hides under the same name each time, nobody without it can find again. */
export interface ProjectKey {
  /** 32 bytes for a text, others for each purpose. */
  digest(purpose: 'uid' | 'patient' | 'days', text: string): Promise<Uint8Array>;
}

const LEAST_BYTES = 16;
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** Ten years. */
const MOST_DAYS = 3652;

/**
 * A key from a secret, by HMAC-SHA-256.
 *
 * @throws INVALID_ARGUMENT for a secret of less than 16 bytes
 */
export async function createProjectKey(secret: Uint8Array<ArrayBuffer> | string): Promise<ProjectKey> {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  if (bytes.length < LEAST_BYTES)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'secret of the project',
      got: `${bytes.length} bytes`,
      expected: `at least ${LEAST_BYTES}`,
    });
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return {
    digest: async (purpose, text) =>
      new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${purpose}\0${text}`))),
  };
}

/** A UID of the UUID kind in the place of another, the same each time: PS3.5 B.2. */
export async function uidFor(key: ProjectKey, uid: string): Promise<string> {
  const bytes = (await key.digest('uid', uid)).subarray(0, 16);
  // RFC 9562 5.8: version 8, variant 10.
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`)}`;
}

/** Twelve letters that stand for a patient, without those that look alike: 60 bits. */
export async function pseudonymFor(key: ProjectKey, patient: string): Promise<string> {
  const bytes = await key.digest('patient', patient);
  return `P-${Array.from(bytes.subarray(0, 12), (byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}

/** Days by which every date of a patient is moved back, 1 to 3652. */
export async function daysFor(key: ProjectKey, patient: string): Promise<number> {
  const bytes = await key.digest('days', patient);
  return 1 + (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % MOST_DAYS);
}
