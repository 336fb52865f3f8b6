import { z } from 'zod';
import type { ApiRoute } from '../api-route.ts';
import { exchangeSchema, federationRequestSchema, federationSchema, joinRequestSchema } from './federation-schemas.ts';

const at = { access: 'server.manage' } as const;

/** Federations that this server coordinates or takes part in. */
export const FEDERATION_ROUTES = {
  listFederations: {
    ...at,
    method: 'GET',
    path: '/api/federations',
    summary: 'Federations that this server coordinates or takes part in.',
    answer: z.array(federationSchema),
  },
  createFederation: {
    ...at,
    method: 'POST',
    path: '/api/federations',
    summary: 'Makes a federation that this server coordinates.',
    body: federationRequestSchema,
    answer: federationSchema,
  },
  getFederation: {
    ...at,
    method: 'GET',
    path: '/api/federations/:federation',
    summary: 'One federation with its sites and rounds.',
    answer: federationSchema,
  },
  inviteSite: {
    ...at,
    method: 'POST',
    path: '/api/federations/:federation/invitations',
    summary: 'An invitation that one site can use once.',
    body: z.object({
      site: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lowercase letters, digits and hyphens'),
      hours: z.number().positive().max(720).default(72),
    }),
    answer: z.object({ invitation: z.string() }),
  },
  joinFederation: {
    ...at,
    method: 'POST',
    path: '/api/federations/join',
    summary: 'This server becomes a site: its key stays, its certificate is signed by the coordinator.',
    body: joinRequestSchema,
    answer: federationSchema,
  },
  approvePlan: {
    ...at,
    method: 'POST',
    path: '/api/federations/:federation/approve',
    summary: 'At a site: takes part under the plan of this hash, and under no other.',
    body: z.object({ planHash: z.string().regex(/^[0-9a-f]{64}$/, 'sha256 in hex') }),
    answer: federationSchema,
  },
  startFederation: {
    ...at,
    method: 'POST',
    path: '/api/federations/:federation/start',
    summary: 'Begins, or goes on after a pause; at a site after its own pause.',
    answer: federationSchema,
  },
  pauseFederation: {
    ...at,
    method: 'POST',
    path: '/api/federations/:federation/pause',
    summary: 'No further tasks; at a site it takes none.',
    answer: federationSchema,
  },
  changeSite: {
    ...at,
    method: 'POST',
    path: '/api/federations/:federation/sites/:site',
    summary: 'At the coordinator: lets a site in, makes it wait or takes its certificate back for good.',
    body: z.object({ action: z.enum(['approve', 'pause', 'resume', 'remove']) }),
    answer: federationSchema,
  },
  leaveFederation: {
    ...at,
    method: 'POST',
    path: '/api/federations/:federation/leave',
    summary: 'At a site: its key and certificate are removed.',
    answer: z.void(),
  },
  listExchanges: {
    ...at,
    method: 'GET',
    path: '/api/federations/:federation/exchanges',
    summary: 'What left the sites: the chain of receipts, whose hashes are the same at both ends.',
    answer: z.array(exchangeSchema),
  },
} as const satisfies Record<string, ApiRoute>;
