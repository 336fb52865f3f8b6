import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** OWASP's third setting for scrypt: 32 MiB, about a quarter of a second. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const MEMORY_BYTES = 64 << 20;
const KEY_BYTES = 32;

/** @returns `scrypt$N$r$p$salt$key`: what was used stands beside it, so that the cost may be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password.normalize('NFKC'), salt, KEY_BYTES, { ...COST, maxmem: MEMORY_BYTES });
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), key.toString('base64')].join('$');
}

const nobodys = hashPassword(randomBytes(16).toString('hex'));

/** Takes as long without a hash as with one: the time does not tell which users there are. */
export async function passwordFits(password: string, hash: string | null | undefined): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = (hash ?? (await nobodys)).split('$');
  const expected = Buffer.from(key, 'base64');
  const options = { N: Number(N), r: Number(r), p: Number(p), maxmem: MEMORY_BYTES };
  const got = await derive(password.normalize('NFKC'), Buffer.from(salt, 'base64'), expected.length, options);
  return timingSafeEqual(got, expected) && hash != null;
}

/** Twenty letters and digits without those that look alike: 100 bits. */
export function randomPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  // Bytes at or above 248 would favour the first letters.
  const picked = [...randomBytes(64)].filter((byte) => byte < 248).slice(0, 20);
  return picked.map((byte) => letters[byte % letters.length]).join('');
}
