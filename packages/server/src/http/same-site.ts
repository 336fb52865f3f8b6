import type { FastifyRequest } from 'fastify';
import type { Settings } from '../settings.ts';

/**
 * Whether a browser sent this from our own pages, by Sec-Fetch-Site, else by Origin.
 *
 * @returns nothing when neither says it: not a browser
 */
export function fromOwnSite({ headers, protocol }: FastifyRequest, { publicUrl }: Settings): boolean | undefined {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  if (headers.origin === undefined) return undefined;
  const own = publicUrl === undefined ? `${protocol}://${headers.host}` : new URL(publicUrl).origin;
  return headers.origin === own;
}
