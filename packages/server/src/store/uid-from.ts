import { createHash } from 'node:crypto';

/** A UID that is the same for the same text: of a UUID that is a hash (PS3.5 B.2). */
export function uidFrom(text: string): string {
  return `2.25.${BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 32)}`)}`;
}
