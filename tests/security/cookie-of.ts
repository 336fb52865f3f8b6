import { VesaliusError } from '@vesalius/errors';
import type { Answer } from './attacked-server.ts';

/** The cookie an answer sets, as a browser sends it back. */
export function cookieOf({ headers }: Answer): string {
  const [cookie] = headers.getSetCookie();
  if (cookie === undefined)
    throw new VesaliusError('PEER_PROTOCOL', { what: 'answer to a sign-in', expected: 'a cookie' });
  return cookie.split(';')[0] ?? '';
}
