import { z } from 'zod';
import { id, projectIdSchema, time } from '../basic-schemas.ts';

const siteName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lowercase letters, digits and hyphens');
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'sha256 in hex');

const privacySchema = z.object({
  epsilon: z.number().positive().describe('Over all rounds, for each image.'),
  delta: z.number().positive().max(0.1).default(1e-4),
  clipNorm: z.number().positive().default(1),
});

/** What a federation will do: every site approves exactly this, by its hash. */
export const federationRequestSchema = z.object({
  name: siteName,
  imageShape: z.array(z.int().min(1).max(512)).min(3).max(4).describe('Channels first.'),
  rounds: z.int().min(1).max(10_000).default(20),
  localSteps: z.int().min(1).max(10_000).default(20),
  batch: z.int().min(1).max(4096).default(32),
  learningRate: z.number().positive().default(0.05),
  strategy: z
    .enum(['fedavg', 'fedprox', 'fedbn', 'fedper', 'fedadam', 'fedyogi', 'median', 'trimmed-mean', 'krum'])
    .default('fedavg'),
  up: z.string().max(40).default('float32').describe('How changes go up: float32, 8-bit, largest:0.01, ...'),
  down: z.string().max(40).default('float32'),
  momentum: z.number().min(0).max(1).default(0),
  minimumSites: z.int().min(1).default(2).describe('Fewer updates make no round.'),
  sitesPerRound: z.int().min(1).exactOptional().describe('Drawn anew each round; all without it.'),
  deadlineSeconds: z.number().positive().max(86_400).default(600).describe('After which a round does not wait.'),
  evaluateEvery: z
    .int()
    .min(0)
    .exactOptional()
    .describe(
      'Rounds between evaluations at the sites, 0 for none; 1 by default, with privacy 0: no noise is added to an evaluation.',
    ),
  largestNorm: z.number().positive().exactOptional().describe('Of an update; larger ones are refused.'),
  privacy: privacySchema.exactOptional(),
  bundle: z.string().max(1000).exactOptional().describe('File of weights (safetensors) on this server to begin with.'),
  seed: z.int().nonnegative().default(0),
});

export type FederationRequest = z.output<typeof federationRequestSchema>;

const federationStateSchema = z.enum(['waiting', 'running', 'paused', 'finished']);

export const joinRequestSchema = z.object({
  invitation: z.string().max(4000),
  data: z.string().min(1).max(1000).describe('File of images and labels (.npz, .safetensors) on this server.'),
  validation: z.string().max(1000).exactOptional(),
  project: projectIdSchema.default('default').describe('Whose privacy budget is spent.'),
  minimumCohort: z.int().min(1).default(20).describe('Of each class; with fewer examples the site takes no part.'),
  budget: z
    .object({ epsilon: z.number().positive(), delta: z.number().positive().max(0.1) })
    .exactOptional()
    .describe('That the project may spend over all federations; without it only plans without privacy are taken.'),
});

const pointSchema = z.object({ round: z.int(), value: z.number() });
const siteStateSchema = z.enum(['invited', 'joined', 'approved', 'paused', 'removed']);

const siteSchema = z.object({
  site: siteName,
  state: siteStateSchema,
  planApproved: z.boolean().describe('By the site itself.'),
  lastSeen: time.exactOptional(),
  version: z.string().exactOptional(),
  examples: z.int().exactOptional(),
  examplesOfClass: z.array(z.int()).exactOptional(),
  roundsTaken: z.int(),
  bytesUp: z.int().describe('On the wire, with TLS and HTTP/2.'),
  bytesDown: z.int(),
  epsilon: z.number(),
  auc: z.array(pointSchema),
  averagePrecision: z.array(pointSchema),
  drift: z.array(pointSchema).describe('Distance of its change from the common one, in lengths of that.'),
  contribution: z.array(pointSchema).describe('Its part of the common change, along that.'),
  certificateEnds: time.exactOptional(),
});

const roundSchema = z.object({
  round: z.int(),
  state: z.enum(['open', 'closed']),
  openedAt: time,
  closedAt: time.exactOptional(),
  chosen: z.array(siteName),
  counted: z.array(siteName),
  bytesUp: z.int(),
  bytesDown: z.int(),
  modelHash: hash.exactOptional(),
  pooledAuc: z.number().exactOptional(),
  pooledAucInterval: z.tuple([z.number(), z.number()]).exactOptional(),
});

export const federationSchema = z.object({
  id,
  name: siteName,
  role: z.enum(['coordinator', 'site']),
  site: siteName.exactOptional().describe('The own name at a site.'),
  state: federationStateSchema,
  plan: z.record(z.string(), z.unknown()),
  planHash: hash,
  planApproved: z.boolean().describe('At a site: by itself.'),
  round: z.int().describe('Rounds that ended.'),
  createdAt: time,
  sites: z.array(siteSchema),
  rounds: z.array(roundSchema),
  chain: z.object({ entries: z.int(), hash }).exactOptional().describe('At a site: the end of its chain of receipts.'),
  budget: z
    .object({ epsilon: z.number(), delta: z.number(), spent: z.number() })
    .exactOptional()
    .describe('At a site.'),
  problem: z.object({ code: z.string(), at: time }).exactOptional(),
});

export type FederationAnswer = z.output<typeof federationSchema>;

export const exchangeSchema = z.object({
  site: siteName,
  sequence: z.int(),
  round: z.int(),
  updateHash: hash,
  bytes: z.int(),
  hash,
  at: time,
});

export type FederationExchange = z.output<typeof exchangeSchema>;
