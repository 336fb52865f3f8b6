import { Random } from '@vesalius/engine';
import {
  fromWholeNumbers,
  type HonestSite,
  openSum,
  type SecureRound,
  SecureSite,
  safeThreshold,
  toWholeNumbers,
  unmaskByLying,
} from '@vesalius/federated';
import type { Measure } from '../figure-result.ts';

const LENGTH = 2000;
const LARGEST = 4;
const LAYOUT = [{ name: 'w', shape: [LENGTH] }];
/** Before its shares, its vector, its signature over the survivors, its opening. */
const STEPS = 4;
const SIZES = [5, 6, 9, 10, 12, 16];

/** Rounds from which up to a third of the sites vanish at every step, and coordinators that lie about who survived. */
export const measure: Measure = async ({ quick, log }) => {
  const sizes = quick ? [6, 10] : SIZES;
  const figure = { ...(await dropOuts(sizes, { quick, log })), ...(await lies(sizes, { quick, log })) };
  return { figure, peer: {} };
};

interface Pace {
  readonly quick: boolean;
  readonly log: (line: string) => void;
}

async function dropOuts(sizes: readonly number[], { quick, log }: Pace): Promise<Record<string, number>> {
  const worst = { wholeNumbersOff: 0, sumError: 0, roundsTried: 0, roundsEnded: 0, tooManyRefused: 0 };
  let tooMany = 0;
  for (const sites of sizes) {
    const most = sites - safeThreshold(sites);
    for (const steps of leavings(most, quick ? 1 : 8)) {
      worst.roundsTried++;
      const { off, error } = await roundWith(sites, steps);
      worst.roundsEnded++;
      worst.wholeNumbersOff += off;
      worst.sumError = Math.max(worst.sumError, error);
    }
    for (let step = 0; step < STEPS; step++) {
      tooMany++;
      const opened = await roundWith(sites, Array(most + 1).fill(step)).then(
        () => true,
        () => false,
      );
      worst.tooManyRefused += opened ? 0 : 1;
    }
    log(`${sites} sites, up to ${most} drop out: ${JSON.stringify(worst)}`);
  }
  return {
    ...worst,
    roundsEnded: worst.roundsEnded / worst.roundsTried,
    tooManyRefused: worst.tooManyRefused / tooMany,
  };
}

/** For each that drops out, at which step: 0 to all at every step, and mixtures. */
function leavings(most: number, mixtures: number): number[][] {
  const random = new Random(most);
  const alike = Array.from({ length: STEPS }, (_, step) =>
    Array.from({ length: most }, (_none, n) => Array<number>(n + 1).fill(step)),
  ).flat();
  const mixed = Array.from({ length: mixtures }, () => Array.from({ length: most }, () => random.integer(STEPS)));
  return [[], ...alike, ...mixed];
}

async function newRound(sites: number) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const names = Array.from({ length: sites }, (_, n) => `site ${n}`);
  const keys = new Map<string, CryptoKeyPair>();
  for (const name of names) keys.set(name, await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']));
  const identities = new Map([...keys].map(([name, { publicKey }]) => [name, publicKey]));
  const round: SecureRound = {
    id: crypto.randomUUID(),
    identities,
    threshold: safeThreshold(sites),
    length: LENGTH,
  };
  const fixed = { largest: LARGEST, sites };
  const all = names.map((name) => {
    const { privateKey } = keys.get(name) as CryptoKeyPair;
    const values = new Random(name).fillNormal(new Float32Array(LENGTH));
    const numbers = toWholeNumbers(new Map([['w', values]]), LAYOUT, fixed);
    return { name, privateKey, values, numbers, site: new SecureSite(round, name, privateKey) };
  });
  return { round, fixed, all };
}

/** @param steps - one for each site that drops out, in order, before it takes that step; the others stay */
async function roundWith(sites: number, steps: readonly number[]): Promise<{ off: number; error: number }> {
  const { round, fixed, all } = await newRound(sites);
  const there = (step: number) => all.filter((_, n) => (steps[n] ?? STEPS) > step);
  const advertisements = await Promise.all(all.map(({ site }) => site.advertise()));
  // Who dropped out before its shares is not among those who mask.
  const shared = there(0).map(({ name }) => name);
  const sealed = (await Promise.all(there(0).map(({ site }) => site.shareSecrets(advertisements)))).flat();
  const updates = await Promise.all(
    there(1).map(({ name, site, numbers }) =>
      site.mask(
        numbers,
        sealed.filter(({ to }) => to === name),
      ),
    ),
  );
  const survivors = there(1).map(({ name }) => name);
  const confirmations = await Promise.all(there(2).map(({ site }) => site.confirm(survivors)));
  const openings = await Promise.all(there(3).map(({ site }) => site.open(confirmations)));
  const sum = await openSum({ round, advertisements, shared, updates, openings });
  const plain = new Uint32Array(LENGTH);
  for (const { numbers } of there(1))
    for (const [i, value] of numbers.entries()) plain[i] = (plain[i] as number) + value;
  const opened = fromWholeNumbers(sum, LAYOUT, fixed).get('w') as Float32Array;
  const errors = opened.map((value, i) =>
    Math.abs(value - there(1).reduce((total, { values }) => total + cut(values[i] as number), 0)),
  );
  return { off: sum.filter((value, i) => value !== plain[i]).length, error: Math.max(...errors) / LARGEST };
}

const cut = (value: number): number => Math.max(-LARGEST, Math.min(LARGEST, value));

async function lies(sizes: readonly number[], { quick, log }: Pace): Promise<Record<string, number>> {
  const count = { liesTried: 0, unmaskedBelowBound: 0, liesAtBound: 0, unmaskedAtBound: 0 };
  for (const sites of sizes) {
    const bound = 2 * safeThreshold(sites) - sites;
    for (let colluders = 0; colluders <= bound; colluders++)
      for (let again = 0; again < (quick ? 1 : 2); again++) {
        const unmasked = (await unmaskedBy(sites, colluders)) ? 1 : 0;
        if (colluders < bound) {
          count.liesTried++;
          count.unmaskedBelowBound += unmasked;
        } else {
          count.liesAtBound++;
          count.unmaskedAtBound += unmasked;
        }
      }
    log(`${sites} sites, fewer than ${bound} on the coordinator's side: ${JSON.stringify(count)}`);
  }
  return { ...count, unmaskedAtBound: count.unmaskedAtBound / count.liesAtBound };
}

async function unmaskedBy(sites: number, colluding: number): Promise<boolean> {
  const { round, all } = await newRound(sites);
  const honest: HonestSite[] = all.slice(colluding);
  const colluders = new Map(all.slice(0, colluding).map(({ name, privateKey }) => [name, privateKey]));
  const taken = await unmaskByLying({ round, honest, colluders });
  const own = honest[0]?.numbers;
  return taken !== undefined && own !== undefined && taken.every((value, i) => value === own[i]);
}
