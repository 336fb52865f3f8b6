import { VesaliusError } from '@vesalius/errors';
import { addMask, maskOf } from './masks.ts';
import type { Advertisement, MaskedUpdate, OpenedShare, Opening, SecureRound } from './secure-round.ts';
import { pairMask } from './secure-site.ts';
import { joinSecret } from './shamir.ts';

export interface MaskedSum {
  readonly round: SecureRound;
  readonly advertisements: readonly Advertisement[];
  /** Sites whose shares went round: those under whose masks the updates are. */
  readonly shared: readonly string[];
  readonly updates: readonly MaskedUpdate[];
  readonly openings: readonly Opening[];
}

/**
 * The coordinator's part: the sum of all vectors that came, modulo 2^32. Of those who dropped out after sharing, the masks towards the survivors are
 * made anew and taken away.
 *
 * @throws PEER_REFUSED when fewer sites than the threshold opened, DATA_MISMATCH for a vector of another length
 */
export async function openSum({ round, advertisements, shared, updates, openings }: MaskedSum): Promise<Uint32Array> {
  if (openings.length < round.threshold)
    throw new VesaliusError('PEER_REFUSED', {
      what: `opening round ${round.id}`,
      got: `${openings.length} sites`,
      expected: round.threshold,
    });
  const sum = new Uint32Array(round.length);
  for (const { site, numbers } of updates) {
    if (numbers.length !== round.length)
      throw new VesaliusError('DATA_MISMATCH', {
        what: `vector of ${site}`,
        got: numbers.length,
        expected: round.length,
      });
    addMask(sum, numbers, 1);
  }
  const survivors = updates.map(({ site }) => site);
  for (const site of survivors) {
    const secret = joinSecret(
      sharesOf(
        openings.map(({ selfMasks }) => selfMasks.get(site)),
        round.threshold,
      ),
    );
    addMask(sum, await maskOf(secret, round.length), -1);
  }
  const publicKeys = new Map(advertisements.map(({ site, maskKey }) => [site, maskKey]));
  for (const dropped of shared.filter((site) => !survivors.includes(site))) {
    const secret = joinSecret(
      sharesOf(
        openings.map(({ maskKeys }) => maskKeys.get(dropped)),
        round.threshold,
      ),
    );
    const own = { secret, publicKey: publicKeys.get(dropped) as Uint8Array<ArrayBuffer> };
    for (const site of survivors) {
      const mask = await pairMask(own, publicKeys.get(site) as Uint8Array<ArrayBuffer>, round);
      addMask(sum, mask, site < dropped ? -1 : 1);
    }
  }
  return sum;
}

function sharesOf(shares: readonly (OpenedShare | undefined)[], threshold: number): OpenedShare[] {
  const given = shares.filter((share) => share !== undefined);
  if (given.length >= threshold) return given.slice(0, threshold);
  throw new VesaliusError('PEER_REFUSED', { what: 'shares of a secret', got: given.length, expected: threshold });
}
