import { createHash } from 'node:crypto';
import { type FederationRequest, federationRequestSchema } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import { type CommonModelOptions, compressionNamed, type Layout, strategyNamed } from '@vesalius/federated';
import { z } from 'zod';

const layersSchema = z.array(z.object({ name: z.string(), shape: z.array(z.int().min(0)) })).max(10_000);
const planSchema = federationRequestSchema
  .omit({ bundle: true })
  .extend({ evaluateEvery: z.int().min(0), layers: layersSchema, firstModel: z.string() });

/** What all sites approve: the request, the layers of its network and the hash of the model to begin with. */
export type FederationPlan = Omit<FederationRequest, 'bundle' | 'evaluateEvery'> & {
  readonly evaluateEvery: number;
  readonly layers: Layout;
  readonly firstModel: string;
};

/** The highest image or model that a site would take from a coordinator. */
const MOST_VALUES = 250_000_000;

/** @throws PEER_PROTOCOL for a plan of another version, or none */
export function parsePlan(text: string): FederationPlan {
  try {
    const plan = planSchema.parse(JSON.parse(text)) as FederationPlan;
    const values = plan.layers.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
    if (values <= MOST_VALUES) return plan;
  } catch (cause) {
    throw new VesaliusError('PEER_PROTOCOL', {
      what: 'plan of a federation',
      expected: 'a plan of this version',
      cause,
    });
  }
  throw new VesaliusError('LIMIT_EXCEEDED', { what: 'values of the model', expected: `at most ${MOST_VALUES}` });
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** How the common model of a plan is kept and moved. */
export function modelOptions({
  layers,
  strategy,
  down,
  seed,
  sitesPerRound,
  minimumSites,
}: FederationPlan): CommonModelOptions {
  return {
    layout: layers,
    strategy: strategyNamed(strategy, sitesPerRound ?? minimumSites),
    down: compressionNamed(down),
    seed,
  };
}
