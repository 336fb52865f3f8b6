import { VesaliusError } from '@vesalius/errors';

/**
 * For each voxel the class that most raters gave it; of classes with as many votes the one with the smallest number.
 *
 * @param masks - label maps on one grid, one a rater
 * @throws SHAPE_MISMATCH when lengths differ, INVALID_ARGUMENT for none
 */
export function majorityVote(masks: readonly Uint8Array[]): Uint8Array {
  const [first] = masks;
  if (!first) throw new VesaliusError('INVALID_ARGUMENT', { what: 'raters', got: 0, expected: 'at least one' });
  const other = masks.find(({ length }) => length !== first.length);
  if (other) throw new VesaliusError('SHAPE_MISMATCH', { what: 'mask', got: other.length, expected: first.length });
  const votes = new Uint32Array(256);
  const winners = first.slice();
  const others = masks.slice(1);
  for (let i = 0; i < winners.length; i++) {
    for (const mask of others) {
      if (mask[i] === first[i]) continue;
      winners[i] = winnerAt(masks, i, votes);
      break;
    }
  }
  return winners;
}

/** `votes` is all 0 before and after. */
function winnerAt(masks: readonly Uint8Array[], i: number, votes: Uint32Array): number {
  let winner = 0;
  for (const mask of masks) {
    const value = mask[i] as number;
    votes[value] = (votes[value] as number) + 1;
  }
  for (const mask of masks) {
    const value = mask[i] as number;
    const lead = (votes[value] as number) - (votes[winner] as number);
    if (lead > 0 || (lead === 0 && value < winner)) winner = value;
  }
  for (const mask of masks) votes[mask[i] as number] = 0;
  return winner;
}
