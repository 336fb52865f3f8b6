import { ROLES, type Role } from '@vesalius/api';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { Refusal } from '../http/refusal.ts';
import type { Settings } from '../settings.ts';
import type { Grant } from './grants.ts';
import { randomSecret } from './secrets.ts';

/** Whom the provider vouches for. */
export interface OpenIdUser {
  /** `issuer subject` */
  readonly subject: string;
  readonly name: string;
  readonly grants: readonly Grant[];
}

export interface OpenId {
  /** Begins a sign-in: where the browser is sent, and what its cookie must hold when it comes back. */
  begin(callbackUrl: string): Promise<{ readonly redirect: string; readonly state: string }>;
  /** @throws Refusal WRONG_CREDENTIALS */
  finish(callback: URL, state: string): Promise<OpenIdUser>;
  /** Whom a JWT of the provider names; its issuer, audience, time and signature are checked. @throws Refusal WRONG_CREDENTIALS */
  verify(jwt: string): Promise<OpenIdUser>;
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const PENDING_MS = 600_000;
const MOST_PENDING = 10_000;

/** Sign-in at an OpenID Connect provider: authorization code with PKCE; roles from a claim. */
export function openOpenId(settings: NonNullable<Settings['openId']>): OpenId {
  const { issuer, clientId, clientSecret, rolesClaim } = settings;
  const pending = new Map<string, { verifier: string; nonce: string; until: number }>();
  let discovered: Promise<client.Configuration> | undefined;
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;

  const provider = () => {
    // Without TLS only on this machine: a provider under test.
    const local = /^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(issuer);
    const options = local ? { execute: [client.allowInsecureRequests] } : {};
    discovered ??= client.discovery(new URL(issuer), clientId, clientSecret, undefined, options);
    discovered.catch(() => {
      discovered = undefined;
    });
    return discovered;
  };
  const userOf = (claims: JWTPayload): OpenIdUser => ({
    subject: `${claims.iss} ${claims.sub}`,
    name: String(claims['preferred_username'] ?? claims['email'] ?? claims.sub).slice(0, 100),
    grants: grantsOf(claims[rolesClaim]),
  });

  return {
    begin: async (callbackUrl) => {
      const configuration = await provider();
      const [state, nonce, verifier] = [randomSecret(), randomSecret(), client.randomPKCECodeVerifier()];
      for (const [key, { until }] of pending)
        if (until < Date.now() || pending.size >= MOST_PENDING) pending.delete(key);
      pending.set(state, { verifier, nonce, until: Date.now() + PENDING_MS });
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: callbackUrl,
        scope: 'openid profile email',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return { redirect: url.href, state };
    },
    finish: async (callback, state) => {
      const begun = pending.get(state);
      pending.delete(state);
      if (begun === undefined || begun.until < Date.now()) throw wrong('a sign-in that was not begun here');
      const checks = { pkceCodeVerifier: begun.verifier, expectedState: state, expectedNonce: begun.nonce };
      const tokens = await client.authorizationCodeGrant(await provider(), callback, checks).catch(() => {
        throw wrong('answer of the OpenID provider');
      });
      const claims = tokens.claims();
      if (claims === undefined) throw wrong('answer of the OpenID provider');
      return userOf(claims as JWTPayload);
    },
    verify: async (jwt) => {
      const metadata = (await provider()).serverMetadata();
      keys ??= createRemoteJWKSet(new URL(metadata.jwks_uri ?? ''));
      const options = {
        issuer: metadata.issuer,
        audience: clientId,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
      };
      const { payload } = await jwtVerify(jwt, keys, options).catch(() => {
        throw wrong('token of the OpenID provider');
      });
      return userOf(payload);
    },
  };
}

function wrong(what: string): Refusal {
  return new Refusal('WRONG_CREDENTIALS', { what });
}

/** A claim lists `role` (all projects) or `project:role`; what else stands in it belongs to other products. */
function grantsOf(claim: unknown): Grant[] {
  const entries = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(' ') : [];
  return entries.flatMap((entry: unknown) => {
    const parts = String(entry).split(':');
    const [project, role] = parts.length === 2 ? parts : ['*', parts[0]];
    return parts.length <= 2 && role !== undefined && Object.hasOwn(ROLES, role) && project !== undefined
      ? [{ project, role: role as Role }]
      : [];
  });
}
