import { sha256 } from './plan.ts';

export interface Exchange {
  readonly federation: string;
  readonly site: string;
  /** From 1, of this site. */
  readonly sequence: number;
  readonly round: number;
  /** sha256 of the update's bytes. */
  readonly updateHash: string;
  readonly bytes: number;
}

/** What stands before a site's first update. */
export const CHAIN_BEGIN = '0'.repeat(64);

/** Both ends compute it: what one of them wrote differently, or left out, shows in every later hash. */
export function exchangeHash(
  { federation, site, sequence, round, updateHash, bytes }: Exchange,
  previous: string,
): string {
  return sha256(JSON.stringify([federation, site, sequence, round, updateHash, bytes, previous]));
}
