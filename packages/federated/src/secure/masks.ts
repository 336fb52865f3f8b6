const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const;

export interface KeyPair {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** 32 bytes. */
  readonly secret: Uint8Array<ArrayBuffer>;
}

/** A pair of keys for agreeing on secrets, on the curve P-256. */
export async function createKeyPair(): Promise<KeyPair> {
  const pair = await crypto.subtle.generateKey(CURVE, true, ['deriveBits']);
  const { d = '' } = await crypto.subtle.exportKey('jwk', pair.privateKey);
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
    secret: fromBase64Url(d),
  };
}

/**
 * 32 bytes that only the two owners of the keys can know, for one purpose.
 *
 * @source RFC 5869 (HKDF), NIST SP 800-56A (ECDH)
 */
export async function agree(
  own: KeyPair,
  other: Uint8Array<ArrayBuffer>,
  purpose: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const [x, y] = [own.publicKey.slice(1, 33), own.publicKey.slice(33)].map(toBase64Url);
  const jwk = { kty: 'EC', crv: CURVE.namedCurve, x: x ?? '', y: y ?? '', d: toBase64Url(own.secret) };
  const secret = await crypto.subtle.importKey('jwk', jwk, CURVE, false, ['deriveBits']);
  const theirs = await crypto.subtle.importKey('raw', other, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, secret, 256);
  const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits']);
  const info = new TextEncoder().encode(purpose);
  const salt = new Uint8Array(32);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, material, 256));
}

/** As many numbers below 2^32 as wanted, which nobody can tell from random ones without the key: AES in counter mode. */
export async function maskOf(key: Uint8Array<ArrayBuffer>, length: number): Promise<Uint32Array> {
  const aes = await crypto.subtle.importKey('raw', key, 'AES-CTR', false, ['encrypt']);
  const counter = { name: 'AES-CTR', counter: new Uint8Array(16), length: 64 };
  return new Uint32Array(await crypto.subtle.encrypt(counter, aes, new Uint8Array(4 * length)));
}

/** Adds a mask, or takes it away, modulo 2^32. */
export function addMask(numbers: Uint32Array, mask: Uint32Array, sign: 1 | -1): void {
  for (let i = 0; i < numbers.length; i++) numbers[i] = (numbers[i] as number) + sign * (mask[i] as number);
}

const NONCE = 12;

export async function seal(
  key: Uint8Array<ArrayBuffer>,
  text: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, aes, text));
  const all = new Uint8Array(NONCE + sealed.length);
  all.set(iv);
  all.set(sealed, NONCE);
  return all;
}

/** Nothing when it was sealed by another key or changed on its way. */
export async function unseal(
  key: Uint8Array<ArrayBuffer>,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  const iv = sealed.slice(0, NONCE);
  return crypto.subtle.decrypt({ name: 'AES-GCM', iv }, aes, sealed.slice(NONCE)).then(
    (text) => new Uint8Array(text),
    () => undefined,
  );
}

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
