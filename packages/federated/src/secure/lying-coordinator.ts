import { addMask, agree, createKeyPair, type KeyPair, maskOf, seal, unseal } from './masks.ts';
import {
  type Advertisement,
  advertised,
  type Confirmation,
  type MaskedUpdate,
  type Opening,
  type SealedShares,
  type SecureRound,
  sign,
  survived,
} from './secure-round.ts';
import { type HeldShares, pairMask, type SecureSite, sharesIn, sharesPurpose } from './secure-site.ts';
import { joinSecret } from './shamir.ts';

const SHARES_BYTES = 4 + 2 * 33;

/** A site that keeps to the protocol, and what it sends. */
export interface HonestSite {
  readonly name: string;
  readonly site: SecureSite;
  readonly numbers: Uint32Array;
}

export interface LyingOptions {
  readonly round: SecureRound;
  readonly honest: readonly HonestSite[];
  /** Sites on the coordinator's side, with the keys that prove who they are. */
  readonly colluders: ReadonlyMap<string, CryptoKey>;
  /** The first honest site, by default. */
  readonly victim?: string;
}

/**
 * The strongest lie about survivors that we know, to try on one's own federation: half of the honest sites hear that the victim survived, half that
 * it dropped out; colluders sign both lists and give away every share they hold. Succeeds where 2 threshold - sites of them collude.
 *
 * @returns the victim's vector as the coordinator takes it to be; nothing where the sites gave too few shares away
 */
export async function unmaskByLying(options: LyingOptions): Promise<Uint32Array | undefined> {
  const { round, honest, victim = honest[0]?.name ?? '' } = options;
  const colluders = await Promise.all([...options.colluders].map(([name, key]) => Colluder.join(round, name, key)));
  const advertisements = [
    ...(await Promise.all(honest.map(({ site }) => site.advertise()))),
    ...colluders.map(({ advertisement }) => advertisement),
  ];
  const sites = [...honest.map(({ site }) => site), ...colluders];
  const sealed = (await Promise.all(sites.map((site) => site.shareSecrets(advertisements)))).flat();
  const to = (name: string): SealedShares[] => sealed.filter((one) => one.to === name);
  for (const colluder of colluders) await colluder.take(to(colluder.name), advertisements);
  const updates = await Promise.all(honest.map(({ name, site, numbers }) => site.mask(numbers, to(name))));
  const openings = await openBothWays({ honest, colluders, victim });
  const given = [...openings, ...colluders.map((colluder) => colluder.open())];
  return unmask({ round, victim, advertisements, updates, openings: given });
}

/** What honest sites give away when each half hears another list. */
async function openBothWays({
  honest,
  colluders,
  victim,
}: {
  readonly honest: readonly HonestSite[];
  readonly colluders: readonly Colluder[];
  readonly victim: string;
}): Promise<Opening[]> {
  const everyone = [...honest, ...colluders].map(({ name }) => name);
  const believers = honest.toSorted((a) => (a.name === victim ? -1 : 0)).slice(0, Math.ceil(honest.length / 2));
  const openings = [true, false].map(async (survived) => {
    const told = honest.filter((one) => believers.includes(one) === survived);
    const list = survived ? everyone : everyone.filter((name) => name !== victim);
    const confirmations = await Promise.all([
      ...told.map(({ site }) => site.confirm(list)),
      ...colluders.map((colluder) => colluder.confirm(list)),
    ]);
    const opened = await Promise.allSettled(told.map(({ site }) => site.open(confirmations)));
    return opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  });
  return (await Promise.all(openings)).flat();
}

interface Taken {
  readonly round: SecureRound;
  readonly victim: string;
  readonly advertisements: readonly Advertisement[];
  readonly updates: readonly MaskedUpdate[];
  readonly openings: readonly Opening[];
}

async function unmask({ round, victim, advertisements, updates, openings }: Taken): Promise<Uint32Array | undefined> {
  const selfMasks = openings.flatMap(({ selfMasks: all }) => all.get(victim) ?? []).slice(0, round.threshold);
  const maskKeys = openings.flatMap(({ maskKeys: all }) => all.get(victim) ?? []).slice(0, round.threshold);
  if (selfMasks.length < round.threshold || maskKeys.length < round.threshold) return undefined;
  const numbers = Uint32Array.from(updates.find(({ site }) => site === victim)?.numbers ?? []);
  addMask(numbers, await maskOf(joinSecret(selfMasks), round.length), -1);
  const publicKey = advertisements.find(({ site }) => site === victim)?.maskKey as Uint8Array<ArrayBuffer>;
  const own: KeyPair = { secret: joinSecret(maskKeys), publicKey };
  for (const { site, maskKey } of advertisements)
    if (site !== victim) addMask(numbers, await pairMask(own, maskKey, round), victim < site ? -1 : 1);
  return numbers;
}

/** Takes part as a site does, signs whatever it is told to, and gives all that it holds. */
class Colluder {
  readonly name: string;
  readonly advertisement: Advertisement;
  readonly #round: SecureRound;
  readonly #identity: CryptoKey;
  readonly #sharesKey: KeyPair;
  readonly #held = new Map<string, HeldShares>();

  static async join(round: SecureRound, name: string, identity: CryptoKey): Promise<Colluder> {
    const [shares, mask] = [await createKeyPair(), await createKeyPair()];
    const own = { site: name, sharesKey: shares.publicKey, maskKey: mask.publicKey };
    const signature = await sign(identity, advertised(round, own));
    return new Colluder({ round, identity, shares, advertisement: { ...own, signature } });
  }

  private constructor(made: {
    readonly round: SecureRound;
    readonly identity: CryptoKey;
    readonly shares: KeyPair;
    readonly advertisement: Advertisement;
  }) {
    this.name = made.advertisement.site;
    this.advertisement = made.advertisement;
    this.#round = made.round;
    this.#identity = made.identity;
    this.#sharesKey = made.shares;
  }

  /** Of no secret: nobody will ask for it. */
  async shareSecrets(advertisements: readonly Advertisement[]): Promise<SealedShares[]> {
    const others = advertisements.filter(({ site }) => site !== this.name);
    return Promise.all(
      others.map(async ({ site, sharesKey }) => {
        const key = await agree(this.#sharesKey, sharesKey, sharesPurpose(this.#round, this.name, site));
        return { from: this.name, to: site, sealed: await seal(key, new Uint8Array(SHARES_BYTES)) };
      }),
    );
  }

  async take(sealed: readonly SealedShares[], advertisements: readonly Advertisement[]): Promise<void> {
    for (const { from, to, sealed: text } of sealed) {
      const { sharesKey } = advertisements.find(({ site }) => site === from) as Advertisement;
      const key = await agree(this.#sharesKey, sharesKey, sharesPurpose(this.#round, from, to));
      this.#held.set(from, sharesIn((await unseal(key, text)) as Uint8Array<ArrayBuffer>));
    }
  }

  async confirm(list: readonly string[]): Promise<Confirmation> {
    return { site: this.name, signature: await sign(this.#identity, survived(this.#round, list)) };
  }

  open(): Opening {
    const all = [...this.#held];
    return {
      site: this.name,
      selfMasks: new Map(all.map(([site, { selfMask }]) => [site, selfMask])),
      maskKeys: new Map(all.map(([site, { maskKey }]) => [site, maskKey])),
    };
  }
}
