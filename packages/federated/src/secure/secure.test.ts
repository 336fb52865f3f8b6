import { Random } from '@vesalius/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Layout } from '../layer-values.ts';
import { fromWholeNumbers, toWholeNumbers } from './fixed-point.ts';
import { unmaskByLying } from './lying-coordinator.ts';
import { openSum } from './open-sum.ts';
import { type Confirmation, type SealedShares, type SecureRound, safeThreshold } from './secure-round.ts';
import { SecureSite } from './secure-site.ts';
import { joinSecret, splitSecret } from './shamir.ts';

const layout: Layout = [{ name: 'w', shape: [40] }];

async function federation(count: number) {
  const keys = new Map<string, CryptoKeyPair>();
  for (let n = 0; n < count; n++)
    keys.set(
      `site ${n}`,
      await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']),
    );
  const identities = new Map([...keys].map(([name, { publicKey }]) => [name, publicKey]));
  const round: SecureRound = { id: 'round 1', identities, threshold: safeThreshold(count), length: 40 };
  const sites = [...keys].map(([name, { privateKey }]) => ({ name, site: new SecureSite(round, name, privateKey) }));
  const fixed = { largest: 4, sites: count };
  const values = new Map(sites.map(({ name }) => [name, new Random(name).fillNormal(new Float32Array(40))]));
  const numbersOf = (name: string) => toWholeNumbers(new Map([['w', values.get(name) as Float32Array]]), layout, fixed);
  return { round, sites, fixed, values, numbersOf, keys };
}

type Federation = Awaited<ReturnType<typeof federation>>;

/** Up to the masked vectors; those in `silent` share their secrets and say nothing more. */
async function masked({ sites, numbersOf }: Federation, silent: readonly string[]) {
  const advertisements = await Promise.all(sites.map(({ site }) => site.advertise()));
  const sealed = (await Promise.all(sites.map(({ site }) => site.shareSecrets(advertisements)))).flat();
  const to = (name: string): SealedShares[] => sealed.filter((one) => one.to === name);
  const left = sites.filter(({ name }) => !silent.includes(name));
  const updates = await Promise.all(left.map(({ name, site }) => site.mask(numbersOf(name), to(name))));
  return { advertisements, sealed, updates, left, shared: sites.map(({ name }) => name) };
}

test.each([
  ['all stay', [], []],
  ['two drop out before their vector', ['site 1', 'site 4'], []],
  ['one drops out before its vector and one before it opens', ['site 0'], ['site 5']],
])('the sum is the plain sum where %s', async (_, silent: readonly string[], late: readonly string[]) => {
  const all = await federation(7);
  const { advertisements, updates, left, shared } = await masked(all, silent);
  const survivors = left.map(({ name }) => name);
  const confirmations = await Promise.all(left.map(({ site }) => site.confirm(survivors)));
  const open = left.filter(({ name }) => !late.includes(name));
  const openings = await Promise.all(open.map(({ site }) => site.open(confirmations)));
  const sum = fromWholeNumbers(
    await openSum({ round: all.round, advertisements, shared, updates, openings }),
    layout,
    all.fixed,
  );
  for (const [i, value] of (sum.get('w') ?? []).entries()) {
    const plain = survivors.reduce((total, name) => total + (all.values.get(name)?.[i] as number), 0);
    expect(value).toBeCloseTo(plain, 5);
  }
  // Under its masks a vector says nothing: about half of all bits differ.
  const own = all.numbersOf(survivors[0] as string);
  const differing = own.reduce((bits, value, i) => bits + bitsIn(value ^ (updates[0]?.numbers[i] as number)), 0);
  expect(differing / (32 * own.length)).toBeGreaterThan(0.42);
});

const bitsIn = (value: number): number => (value >>> 0).toString(2).replaceAll('0', '').length;

test('a coordinator that tells sites of unlike survivors opens nothing', async () => {
  const all = await federation(7);
  const { left } = await masked(all, []);
  const everyone = left.map(({ name }) => name);
  const without = everyone.slice(1);
  // To three of them it says that site 0 dropped out, so as to get its mask key; to the others that it survived, to get its own mask.
  const told = left.map(({ name, site }, n) => ({ name, site, survivors: n > 0 && n < 4 ? without : everyone }));
  const confirmations: Confirmation[] = await Promise.all(told.map(({ site, survivors }) => site.confirm(survivors)));
  for (const { site } of told)
    await expect(site.open(confirmations)).rejects.toThrow(/5 signatures over the same survivors/);
  await expect(told[0]?.site.confirm(without)).rejects.toThrow(/one list of survivors/);
});

test.each([
  [7, 2, false],
  [7, 3, true],
  [9, 2, false],
  [9, 3, true],
])('of %i sites, %i that help a lying coordinator open a single vector: %s', async (count, colluding, opened) => {
  const { round, sites, numbersOf, keys } = await federation(count);
  const honest = sites.slice(colluding).map(({ name, site }) => ({ name, site, numbers: numbersOf(name) }));
  const colluders = new Map(
    sites.slice(0, colluding).map(({ name }) => [name, (keys.get(name) as CryptoKeyPair).privateKey]),
  );
  const taken = await unmaskByLying({ round, honest, colluders });
  expect(taken).toEqual(opened ? honest[0]?.numbers : undefined);
});

test('too few survivors, strangers and keys that nobody signed are refused', async () => {
  const all = await federation(4);
  const [first] = all.sites;
  const advertisements = await Promise.all(all.sites.map(({ site }) => site.advertise()));
  const forged = advertisements.map((one, n) =>
    n === 2 ? { ...one, maskKey: advertisements[1]?.maskKey as typeof one.maskKey } : one,
  );
  await expect(first?.site.shareSecrets(forged)).rejects.toThrow(/keys signed by site 2/);
  await expect(first?.site.shareSecrets(advertisements.slice(0, 2))).rejects.toThrow(/3 sites or more/);
  const sealed = (await Promise.all(all.sites.map(({ site }) => site.shareSecrets(advertisements)))).flat();
  const own = sealed.filter(({ to }) => to === 'site 0');
  const damaged = own.map((one) => ({ ...one, sealed: one.sealed.map((byte, i) => (i === 20 ? byte ^ 1 : byte)) }));
  await expect(first?.site.mask(all.numbersOf('site 0'), damaged)).rejects.toThrow(/shares sealed by/);
});

test('any shares as many as the threshold join to the secret, fewer do not', () => {
  const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(secrets, fc.integer({ min: 2, max: 6 }), (secret, threshold) => {
      const shares = splitSecret(secret, 8, threshold);
      expect(joinSecret(shares.slice(8 - threshold))).toEqual(secret);
      expect(joinSecret(shares.slice(0, threshold - 1))).not.toEqual(secret);
    }),
    { numRuns: 25 },
  );
  expect(() => splitSecret(new Uint8Array(32), 3, 4)).toThrow(/INVALID_ARGUMENT/);
});

test('the modulus of the shares is a prime', () => {
  const prime = 2n ** 256n + 297n;
  const power = (base: bigint, exponent: bigint): bigint => {
    let result = 1n;
    for (let b = base, e = exponent; e > 0n; e >>= 1n, b = (b * b) % prime) if (e & 1n) result = (result * b) % prime;
    return result;
  };
  // Miller and Rabin: 297 - 1 leaves a few factors of two.
  const twos = [...(prime - 1n).toString(2)].reverse().indexOf('1');
  for (const base of [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n]) {
    let x = power(base, (prime - 1n) >> BigInt(twos));
    let passes = x === 1n;
    for (let n = 0; n < twos && !passes; n++, x = (x * x) % prime) passes = x === prime - 1n;
    expect(passes).toBe(true);
  }
});
