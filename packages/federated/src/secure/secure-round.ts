/** What all sites of a round agree on before it starts; the coordinator alone cannot change it. */
export interface SecureRound {
  /** Never used again. */
  readonly id: string;
  /** All who may take part, with the key that proves who they are (ECDSA, P-256, raw), from their certificates: not of the coordinator's word. */
  readonly identities: ReadonlyMap<string, CryptoKey>;
  /**
   * How many sites must help to open the sum. A coordinator that tells some sites of other survivors than the others needs so many twice, of
   * whom only those on its side help both times: with fewer than 2 threshold - sites of them it opens no single update.
   */
  readonly threshold: number;
  /** Of the vector that is summed. */
  readonly length: number;
}

/** Keys that a site makes for one round, and proves to be its own. */
export interface Advertisement {
  readonly site: string;
  /** For shares on their way to other sites. */
  readonly sharesKey: Uint8Array<ArrayBuffer>;
  /** For masks. */
  readonly maskKey: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** Shares of a site's two secrets for another one, sealed: the coordinator passes them on. */
export interface SealedShares {
  readonly from: string;
  readonly to: string;
  readonly sealed: Uint8Array<ArrayBuffer>;
}

export interface MaskedUpdate {
  readonly site: string;
  readonly numbers: Uint32Array<ArrayBuffer>;
}

/** A site's signature over who is said to have survived. */
export interface Confirmation {
  readonly site: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** What a site gives away so that the sum can be opened: of each other site one share, of one secret or of the other, never of both. */
export interface Opening {
  readonly site: string;
  readonly selfMasks: ReadonlyMap<string, OpenedShare>;
  readonly maskKeys: ReadonlyMap<string, OpenedShare>;
}

export interface OpenedShare {
  readonly at: number;
  readonly value: Uint8Array<ArrayBuffer>;
}

const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;
const text = new TextEncoder();

/** Two thirds, rounded up: a third of the sites may drop out, and fewer than a third may lie. */
export const safeThreshold = (sites: number): number => Math.ceil((2 * sites) / 3);

export const advertised = ({ id }: SecureRound, { site, sharesKey, maskKey }: Omit<Advertisement, 'signature'>) =>
  text.encode(`vesalius keys ${JSON.stringify([id, site, [...sharesKey], [...maskKey]])}`);

export const survived = ({ id }: SecureRound, survivors: readonly string[]) =>
  text.encode(`vesalius survivors ${JSON.stringify([id, survivors.toSorted()])}`);

export async function sign(key: CryptoKey, message: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign(SIGNING, key, message));
}

export function isSigned(
  key: CryptoKey | undefined,
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
) {
  return key ? crypto.subtle.verify(SIGNING, key, signature, message) : Promise.resolve(false);
}
