import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Client, Clients } from './clients.ts';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** SMART Backend Services 2.2: at most five minutes. */
const LONGEST_SECONDS = 300;

/**
 * Who signed a `private_key_jwt` (RFC 7523): each is taken once.
 *
 * @returns nothing when it is not of a registered client, not for `audience`, too old, too long or was used before
 */
export function assertionChecker(
  clients: Clients,
  now = Date.now,
): (assertion: string, audience: string) => Promise<Client | undefined> {
  const used = new Map<string, number>();
  return async (assertion, audience) => {
    const client = await clients.get(subjectOf(assertion));
    if (client === undefined || client.keys.length === 0) return undefined;
    const keys = createLocalJWKSet({ keys: client.keys } as JSONWebKeySet);
    const verified = await jwtVerify(assertion, keys, {
      issuer: client.id,
      subject: client.id,
      audience,
      algorithms: ['RS384', 'ES384', 'RS256', 'ES256', 'PS384', 'PS256'],
      requiredClaims: ['exp', 'jti'],
    }).catch(() => undefined);
    if (verified === undefined) return undefined;
    const { exp = 0, jti = '' } = verified.payload;
    for (const [key, until] of used) if (until < now()) used.delete(key);
    const key = `${client.id} ${jti}`;
    if (exp * 1000 > now() + LONGEST_SECONDS * 1000 || used.has(key)) return undefined;
    used.set(key, exp * 1000 + 60_000);
    return client;
  };
}

/** As the assertion says, still to be proven. */
function subjectOf(assertion: string): string {
  try {
    const claims = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      sub?: unknown;
    };
    return typeof claims.sub === 'string' ? claims.sub : '';
  } catch {
    return '';
  }
}
