import type { ConsensusMethod } from '@vesalius/api';
import { majorityVote, staple } from '@vesalius/medical';
import { Refusal } from '../http/refusal.ts';
import { type Rated, valuesOf } from './rated.ts';

/** What is no surer than this is background. */
const MEANT = 0.5;

/**
 * One label map of several: by votes, or with each annotator weighed by how well he does. A class of its own at a time is estimated; a voxel
 * gets the likeliest.
 *
 * @throws Refusal CONFLICT of fewer than two
 */
export function consensusOf(rated: readonly Rated[], method: ConsensusMethod): Uint8Array {
  const masks = rated.map(({ mask }) => mask);
  if (masks.length < 2)
    throw new Refusal('CONFLICT', { what: 'label maps handed in', got: String(masks.length), expected: 'two or more' });
  if (method === 'majority') return majorityVote(masks);
  const likeliest = new Uint8Array(masks[0]?.length ?? 0);
  const best = new Float32Array(likeliest.length).fill(MEANT);
  for (const value of valuesOf(rated)) {
    const weights = staple(masks, { value }).consensus();
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i] as number;
      if (weight <= (best[i] as number)) continue;
      best[i] = weight;
      likeliest[i] = value;
    }
  }
  return likeliest;
}
