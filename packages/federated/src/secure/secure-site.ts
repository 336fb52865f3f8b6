import { VesaliusError } from '@vesalius/errors';
import { addMask, agree, createKeyPair, type KeyPair, maskOf, seal, unseal } from './masks.ts';
import {
  type Advertisement,
  advertised,
  type Confirmation,
  isSigned,
  type MaskedUpdate,
  type OpenedShare,
  type Opening,
  type SealedShares,
  type SecureRound,
  sign,
  survived,
} from './secure-round.ts';
import { splitSecret } from './shamir.ts';

export interface HeldShares {
  readonly selfMask: OpenedShare;
  readonly maskKey: OpenedShare;
}

const SHARE_BYTES = 33;

/**
 * A site's part in a sum of which the coordinator sees only the sum. Its vector goes out under masks that it shares with every other site, which
 * cancel, and under one of its own, which the others open once the sum stands. Each step once, in this order: `advertise`, `shareSecrets`,
 * `mask`, `confirm`, `open`; what the coordinator says is checked before anything is given away.
 *
 * @source Bonawitz et al. 2017, Practical secure aggregation for privacy-preserving machine learning, figure 4 with its consistency check
 */
export class SecureSite {
  readonly #round: SecureRound;
  readonly #name: string;
  readonly #identity: CryptoKey;
  readonly #selfMask = crypto.getRandomValues(new Uint8Array(32));
  #keys: { readonly shares: KeyPair; readonly mask: KeyPair } | undefined;
  #others: ReadonlyMap<string, Advertisement> = new Map();
  readonly #held = new Map<string, HeldShares>();
  #masked: readonly string[] | undefined;
  #confirmed: readonly string[] | undefined;
  #opened = false;

  /** @param identity - the private key of this site's entry in `identities` */
  constructor(round: SecureRound, name: string, identity: CryptoKey) {
    this.#round = round;
    this.#name = name;
    this.#identity = identity;
  }

  async advertise(): Promise<Advertisement> {
    this.#demand(this.#keys === undefined, 'keys made once');
    this.#keys = { shares: await createKeyPair(), mask: await createKeyPair() };
    const { shares, mask } = this.#keys;
    const own = { site: this.#name, sharesKey: shares.publicKey, maskKey: mask.publicKey };
    return { ...own, signature: await sign(this.#identity, advertised(this.#round, own)) };
  }

  /**
   * Shares of this site's secrets for all who advertised.
   *
   * @throws PEER_REFUSED for fewer than the threshold, a stranger, a name twice or keys that its site did not sign
   */
  async shareSecrets(advertisements: readonly Advertisement[]): Promise<SealedShares[]> {
    const { threshold, identities } = this.#round;
    this.#demand(this.#others.size === 0 && this.#keys !== undefined, 'secrets shared once');
    const names = advertisements.map(({ site }) => site);
    this.#demand(new Set(names).size === names.length && names.includes(this.#name), 'every site once, and this one');
    this.#demand(names.length >= threshold, `${threshold} sites or more`);
    for (const one of advertisements)
      this.#demand(
        await isSigned(identities.get(one.site), one.signature, advertised(this.#round, one)),
        `keys signed by ${one.site}`,
      );
    const sorted = advertisements.toSorted((a, b) => (a.site < b.site ? -1 : 1));
    this.#others = new Map(sorted.map((one) => [one.site, one]));
    const { shares, mask } = this.#pairs();
    const selfMasks = splitSecret(this.#selfMask, sorted.length, threshold);
    const maskKeys = splitSecret(mask.secret, sorted.length, threshold);
    const sealed = sorted.map(async ({ site, sharesKey }, i) => {
      const [selfMask, maskKey] = [selfMasks[i], maskKeys[i]] as [OpenedShare, OpenedShare];
      if (site === this.#name) {
        this.#held.set(site, { selfMask, maskKey });
        return [];
      }
      const key = await agree(shares, sharesKey, sharesPurpose(this.#round, this.#name, site));
      const both = new Uint8Array([
        ...new Uint8Array(Uint32Array.of(selfMask.at).buffer),
        ...selfMask.value,
        ...maskKey.value,
      ]);
      return [{ from: this.#name, to: site, sealed: await seal(key, both) }];
    });
    return (await Promise.all(sealed)).flat();
  }

  /**
   * The vector under its masks, for those whose shares came.
   *
   * @throws PEER_REFUSED for fewer than the threshold, or shares that were not sealed for this site
   */
  async mask(numbers: Uint32Array, received: readonly SealedShares[]): Promise<MaskedUpdate> {
    this.#demand(this.#masked === undefined, 'one vector a round');
    for (const { from, to, sealed } of received) {
      const other = this.#others.get(from);
      this.#demand(
        other !== undefined && to === this.#name && !this.#held.has(from),
        `shares of a known site for ${this.#name}`,
      );
      const key = await agree(
        this.#pairs().shares,
        (other as Advertisement).sharesKey,
        sharesPurpose(this.#round, from, to),
      );
      const both = await unseal(key, sealed);
      this.#demand(both?.length === 4 + 2 * SHARE_BYTES, `shares sealed by ${from}`);
      this.#held.set(from, sharesIn(both as Uint8Array<ArrayBuffer>));
    }
    this.#demand(this.#held.size >= this.#round.threshold, `${this.#round.threshold} sites or more`);
    this.#demand(numbers.length === this.#round.length, `${this.#round.length} numbers`);
    this.#masked = [...this.#held.keys()].toSorted();
    const masked = Uint32Array.from(numbers);
    addMask(masked, await maskOf(this.#selfMask, numbers.length), 1);
    for (const site of this.#masked) {
      if (site === this.#name) continue;
      const { maskKey } = this.#others.get(site) as Advertisement;
      addMask(masked, await pairMask(this.#pairs().mask, maskKey, this.#round), this.#name < site ? 1 : -1);
    }
    return { site: this.#name, numbers: masked };
  }

  /** A signature over who survived. @throws PEER_REFUSED for fewer than the threshold, a stranger or a second list */
  async confirm(survivors: readonly string[]): Promise<Confirmation> {
    this.#demand(this.#confirmed === undefined && this.#masked !== undefined, 'one list of survivors');
    const known = new Set(this.#masked);
    this.#demand(
      survivors.every((site) => known.has(site)) && new Set(survivors).size === survivors.length,
      'survivors that shared secrets',
    );
    this.#demand(
      survivors.includes(this.#name) && survivors.length >= this.#round.threshold,
      `${this.#round.threshold} survivors or more, and this site`,
    );
    this.#confirmed = survivors.toSorted();
    return { site: this.#name, signature: await sign(this.#identity, survived(this.#round, survivors)) };
  }

  /**
   * Shares that open the sum: of a survivor's own mask, of the mask key of who dropped out.
   *
   * @throws PEER_REFUSED unless as many sites as the threshold signed the very list that this site signed
   */
  async open(confirmations: readonly Confirmation[]): Promise<Opening> {
    const survivors = this.#confirmed;
    this.#demand(survivors !== undefined && !this.#opened, 'one opening of a confirmed list');
    const list = survived(this.#round, survivors ?? []);
    const signed = new Set<string>();
    for (const { site, signature } of confirmations)
      if (survivors?.includes(site) && (await isSigned(this.#round.identities.get(site), signature, list)))
        signed.add(site);
    this.#demand(signed.size >= this.#round.threshold, `${this.#round.threshold} signatures over the same survivors`);
    this.#opened = true;
    const selfMasks = new Map<string, OpenedShare>();
    const maskKeys = new Map<string, OpenedShare>();
    for (const [site, { selfMask, maskKey }] of this.#held)
      if (survivors?.includes(site)) selfMasks.set(site, selfMask);
      else maskKeys.set(site, maskKey);
    return { site: this.#name, selfMasks, maskKeys };
  }

  #pairs(): { readonly shares: KeyPair; readonly mask: KeyPair } {
    this.#demand(this.#keys !== undefined, 'keys made first');
    return this.#keys as { readonly shares: KeyPair; readonly mask: KeyPair };
  }

  #demand(holds: boolean, expected: string): void {
    if (!holds)
      throw new VesaliusError('PEER_REFUSED', { what: `secure round ${this.#round.id} at ${this.#name}`, expected });
  }
}

/** What a key that seals shares is for. */
export const sharesPurpose = ({ id }: SecureRound, from: string, to: string): string =>
  JSON.stringify([id, 'shares', from, to]);

/** Both sites of a pair make the same. */
export async function pairMask(
  own: KeyPair,
  other: Uint8Array<ArrayBuffer>,
  { id, length }: SecureRound,
): Promise<Uint32Array> {
  return maskOf(await agree(own, other, JSON.stringify([id, 'mask'])), length);
}

export function sharesIn(bytes: Uint8Array<ArrayBuffer>): HeldShares {
  const at = new DataView(bytes.buffer).getUint32(0, true);
  const share = (n: number): OpenedShare => ({
    at,
    value: bytes.slice(4 + n * SHARE_BYTES, 4 + (n + 1) * SHARE_BYTES),
  });
  return { selfMask: share(0), maskKey: share(1) };
}
