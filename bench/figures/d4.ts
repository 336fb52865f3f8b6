import { createDtw, dtw, perfusionMaps, softDtw, voxelCurve } from '@vesalius/medical';
import type { Measure } from '../figure-result.ts';
import { median } from '../peers/alternate.ts';
import { askPeers } from './ask-peers.ts';
import { type Crop, readCrop } from './d4-crop.ts';
import { delaysUndone } from './d4-delays.ts';

const BAND = 10;
const GAMMAS = [1, 0.05];
const PAIRS = 100_000;
const QUANTITIES = ['t1', 'ktrans', 've', 'kep', 'vp'] as const;

interface Answers {
  readonly pairs: readonly {
    readonly full: number;
    readonly banded: number;
    readonly soft: readonly { readonly value: number; readonly gradient: readonly number[] }[];
  }[];
  readonly fits: readonly Readonly<Record<(typeof QUANTITIES)[number] | 'residual', number>>[];
}

interface Pair {
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** Time warping and maps of a real dynamic prostate series against tslearn and dcmri, and its curves delayed and warped by known clocks. */
export const measure: Measure = async ({ quick, log }) => {
  const crop = await readCrop();
  const pairs = pairsOf(crop, quick ? 20 : 200);
  const voxels = spread(crop.clear, quick ? 40 : 400);
  const delaySeconds = Math.round(10 * (crop.arrival.seconds - 5)) / 10;
  const maps = await perfusionMaps(crop.series, {
    echo: crop.echo,
    t1: crop.flipAngles,
    delay: { from: delaySeconds, to: delaySeconds },
  });
  log(`${pairs.length} pairs and ${voxels.length} curves for the peers`);
  const answers = askPeers<Answers>('dynamic.py', {
    band: BAND,
    gammas: GAMMAS,
    pairs: pairs.map(({ a, b }) => ({ a: [...a], b: [...b] })),
    seconds: [...crop.series.seconds],
    delaySeconds,
    baseline: maps.arrival.baseline,
    anglesDegrees: crop.flipAngles.anglesDegrees,
    ...crop.echo,
    curves: voxels.map((voxel) => ({
      signal: [...voxelCurve(crop.series, voxel)],
      flipSignals: crop.flipAngles.images.map(({ voxels: image }) => Number(image[voxel])),
    })),
  });
  const figure = {
    ...warpingErrors(pairs, answers.pairs),
    ...delaysUndone(crop, quick ? 60 : 600),
    ...mapErrors(maps.maps, voxels, answers.fits),
    pairsSeconds: timeOfPairs(crop, quick ? PAIRS / 10 : PAIRS) * (quick ? 10 : 1),
  };
  for (const [name, value] of Object.entries(figure)) log(`${name} ${value}`);
  return { figure, peer: {} };
};

/** Real curves of two places, each over its own standard deviation. */
function pairsOf({ series, clear }: Crop, count: number): Pair[] {
  const curves = spread(clear, 2 * count).map((voxel) => standardized(voxelCurve(series, voxel)));
  return Array.from({ length: count }, (_, i) => ({
    a: curves[i] as Float64Array,
    b: curves[i + count] as Float64Array,
  }));
}

function standardized(curve: Float64Array): Float64Array {
  const mean = curve.reduce((sum, value) => sum + value, 0) / curve.length;
  const spreadOf = Math.sqrt(curve.reduce((sum, value) => sum + (value - mean) ** 2, 0) / curve.length);
  return curve.map((value) => (value - mean) / spreadOf);
}

function spread(voxels: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => voxels[Math.floor((i * voxels.length) / count)] as number);
}

/** The largest differences over all pairs, by the larger of 1 and the reference; gradients against central differences too. */
function warpingErrors(pairs: readonly Pair[], answers: Answers['pairs']): Record<string, number> {
  const worst = { distanceError: 0, softValueError: 0, softGradientError: 0, softSlopeError: 0 };
  const seen = (name: keyof typeof worst, got: number, expected: number): void => {
    worst[name] = Math.max(worst[name], Math.abs(got - expected) / Math.max(1, Math.abs(expected)));
  };
  for (const [i, { a, b }] of pairs.entries()) {
    const answer = answers[i] as Answers['pairs'][number];
    seen('distanceError', dtw(a, b), answer.full);
    seen('distanceError', dtw(a, b, { band: BAND }), answer.banded);
    for (const [g, gamma] of GAMMAS.entries()) {
      const { value, gradient } = softDtw(a, b, { gamma });
      seen('softValueError', value, answer.soft[g]?.value ?? Number.NaN);
      for (const [at, slope] of gradient.entries())
        seen('softGradientError', slope, answer.soft[g]?.gradient[at] ?? Number.NaN);
      const at = (7 * i) % a.length;
      const moved = (by: number): number =>
        softDtw(
          a.map((x, t) => (t === at ? x + by : x)),
          b,
          { gamma },
        ).value;
      seen('softSlopeError', gradient[at] as number, (moved(1e-5) - moved(-1e-5)) / 2e-5);
    }
  }
  return worst;
}

/** Medians and 95th percentiles of relative differences; of vp the difference itself, as it is often 0. */
function mapErrors(
  maps: Awaited<ReturnType<typeof perfusionMaps>>['maps'],
  voxels: readonly number[],
  fits: Answers['fits'],
): Record<string, number> {
  const figure: Record<string, number> = { curvesFitted: voxels.length };
  for (const name of QUANTITIES) {
    const errors = voxels.map((voxel, i) => {
      const theirs = fits[i]?.[name] ?? Number.NaN;
      const difference = Math.abs((maps[name].voxels[voxel] as number) - theirs);
      return name === 'vp' ? difference : difference / theirs;
    });
    const sorted = errors.toSorted((a, b) => a - b);
    figure[`${name}MedianError`] = median(errors);
    figure[`${name}Error95`] = sorted[Math.floor(0.95 * sorted.length)] as number;
  }
  const worse = voxels.filter((voxel, i) => (maps.residual.voxels[voxel] as number) > 1.001 * (fits[i]?.residual ?? 0));
  figure['worseFitShare'] = worse.length / voxels.length;
  return figure;
}

/** CPU seconds of one thread. */
function timeOfPairs({ series, clear }: Crop, count: number): number {
  const curves = spread(clear, 1000).map((voxel) => standardized(voxelCurve(series, voxel)));
  const distance = createDtw({ longest: series.seconds.length, band: BAND });
  let sum = 0;
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++)
    sum += distance(curves[i % 1000] as Float64Array, curves[(7 * i + Math.floor(i / 1000)) % 1000] as Float64Array);
  const { user, system } = process.cpuUsage(before);
  return Number.isFinite(sum) ? (user + system) / 1e6 : Number.NaN;
}
