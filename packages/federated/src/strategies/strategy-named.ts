import { VesaliusError } from '@vesalius/errors';
import type { CompressionMethod, CompressionPlan } from '../compression/plan-codes.ts';
import { fedAvg } from './fed-avg.ts';
import { fedBn } from './fed-bn.ts';
import { fedOpt } from './fed-opt.ts';
import { personalHead } from './personal-head.ts';
import { coordinateMedian, krum, trimmedMean } from './robust.ts';
import type { Strategy } from './strategy.ts';

const SERVER_LEARNING_RATE = 0.02;

/** The strategy of a name on the command line; FedAvg for FedProx and SCAFFOLD, which differ at the sites. @param sites - that take part in a round */
export function strategyNamed(name: string, sites: number): Strategy {
  switch (name) {
    case 'fedbn':
      return fedBn();
    case 'fedper':
      return personalHead((layer) => layer.startsWith('head.'));
    case 'fedadam':
      return fedOpt({ second: 'adam', learningRate: SERVER_LEARNING_RATE });
    case 'fedyogi':
      return fedOpt({ second: 'yogi', learningRate: SERVER_LEARNING_RATE });
    case 'median':
      return coordinateMedian();
    case 'trimmed-mean':
      return trimmedMean(0.2);
    case 'krum':
      return krum(Math.max(0, Math.floor((sites - 3) / 2)), Math.max(1, Math.ceil(sites / 2)));
    default:
      return fedAvg();
  }
}

const METHODS: readonly CompressionMethod[] = ['float32', '8-bit', '4-bit', 'ternary', 'largest', 'random', 'low-rank'];

/** `8-bit`, `largest:0.01`. @throws INVALID_ARGUMENT */
export function compressionNamed(text: string): CompressionPlan {
  const [name = '', share] = text.split(':');
  const method = METHODS.find((known) => known === name);
  const part = share === undefined ? 1 : Number(share);
  if (method === undefined || !(part > 0 && part <= 1))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'compression',
      got: text,
      expected: `${METHODS.join(', ')}; with :SHARE of the bytes, above 0 and at most 1`,
    });
  return { method, share: part };
}
