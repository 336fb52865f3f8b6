import { Random } from '@vesalius/engine';
import { countOf, type LabelledImages, pickImages } from './labelled-images.ts';

export interface ShareOptions {
  readonly sites: number;
  /** Of the Dirichlet distribution over sites, for each class by itself. */
  readonly alpha: number;
  /** Deviation of a site's own brightness, and of its contrast's logarithm. */
  readonly shift: number;
  readonly seed: number;
}

/** Of each class, so many images at least, where there are enough. */
const LEAST = 2;

/**
 * Splits images over sites that are not alike: each class by shares of a Dirichlet distribution, each site with a brightness and contrast of its
 * own.
 *
 * @source Hsu, Qi and Brown 2019, Measuring the effects of non-identical data distribution
 */
export function shareOut(all: LabelledImages, { sites, alpha, shift, seed }: ShareOptions): LabelledImages[] {
  const random = new Random(seed).fork('sites');
  const members: number[][] = Array.from({ length: sites }, () => []);
  for (const label of new Set(all.labels)) {
    const numbers = Array.from({ length: countOf(all) }, (_, n) => n).filter((n) => all.labels[n] === label);
    const own = random.shuffle(numbers);
    const shares = dirichlet(random, sites, alpha);
    const least = Math.min(LEAST, Math.floor(own.length / sites));
    let from = 0;
    let share = 0;
    for (const [site, part] of shares.entries()) {
      share += part;
      const left = least * (sites - site - 1);
      const to = Math.max(from + least, Math.min(own.length - left, Math.round(share * own.length)));
      members[site]?.push(...own.slice(from, site === sites - 1 ? own.length : to));
      from = to;
    }
  }
  return members.map((chosen, site) => {
    const picked = pickImages(all, chosen);
    const draw = random.fork(site);
    const [brightness, contrast] = [draw.normal(0, shift), Math.exp(draw.normal(0, shift))];
    return { ...picked, images: picked.images.map((value) => value * contrast + brightness) };
  });
}

function dirichlet(random: Random, count: number, alpha: number): number[] {
  const drawn = Array.from({ length: count }, () => gamma(random, alpha));
  const sum = drawn.reduce((all, value) => all + value, 0);
  return drawn.map((value) => value / sum);
}

/** @source Marsaglia and Tsang 2000, with their step for shapes below 1 */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * random.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
