import { VesaliusError } from '@vesalius/errors';
import { axisCodes, spacingMm, type Triple, type Volume, type VoxelArray } from '@vesalius/volume';
import { quantileOfSorted } from '../metrics/quantile.ts';

/** How intensities are distributed; infinite and NaN values are left out. */
export interface IntensitySummary {
  /** Values looked at: all, or an even selection where there are many. */
  readonly count: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly minimum: number;
  readonly percentile0_5: number;
  readonly median: number;
  readonly percentile99_5: number;
  readonly maximum: number;
}

export interface ChannelSummary {
  readonly overall: IntensitySummary;
  /** Inside the labelled structures; absent without a label or when it is empty. */
  readonly foreground?: IntensitySummary;
  /** An even selection of the values inside the labelled structures, for figures over the whole data set. */
  readonly foregroundSample: readonly number[];
  /** NaN and infinite voxels. */
  readonly notFinite: number;
  /** Share of voxels that are exactly 0, as outside a masked-out brain; 0 to 1. */
  readonly zeroShare: number;
}

/** What planning has to know of one case; small, so that a data set of any size can be looked at case by case. */
export interface CaseSummary {
  readonly id: string;
  readonly size: Triple;
  readonly spacingMm: Triple;
  /** As `axisCodes` gives it: `RAS`. */
  readonly orientation: string;
  readonly channels: readonly ChannelSummary[];
  /** Voxels of every label value found, the background too; absent without a label. */
  readonly classVoxels?: Readonly<Record<string, number>>;
}

export interface SummarizeCaseOptions {
  readonly id: string;
  /** One 3-D volume a channel, all on one grid. */
  readonly channels: readonly Volume[];
  /** On the same grid. */
  readonly label?: Volume;
}

const MOST_VALUES = 65_536;
const SAMPLE_SIZE = 1024;
const MOST_LABEL_VALUES = 256;

/**
 * Measures one case for the fingerprint.
 *
 * @throws LABEL_OUT_OF_RANGE when the label has more than 256 different values and so is no label map
 */
export function summarizeCase({ id, channels, label }: SummarizeCaseOptions): CaseSummary {
  const first = channels[0];
  if (!first)
    throw new VesaliusError('INVALID_ARGUMENT', { what: `channels of case ${id}`, got: 0, expected: 'at least 1' });
  return {
    id,
    size: first.size,
    spacingMm: spacingMm(first),
    orientation: axisCodes(first),
    channels: channels.map(({ voxels }) => summarizeChannel(voxels, label?.voxels)),
    ...(label ? { classVoxels: countClasses(label.voxels, id) } : {}),
  };
}

function summarizeChannel(voxels: VoxelArray, label: VoxelArray | undefined): ChannelSummary {
  const overall = selectValues(voxels, undefined);
  const inside = label ? selectValues(voxels, label) : new Float64Array(0);
  return {
    overall: summarize(overall),
    ...(inside.length > 0 ? { foreground: summarize(inside) } : {}),
    foregroundSample: thin(inside),
    notFinite: countNotFinite(voxels),
    zeroShare: 1 - countNonZero(voxels) / voxels.length,
  };
}

/** Finite values, sorted; only those where the mask is not 0, every nth of them where there are many. */
function selectValues(voxels: VoxelArray, mask: VoxelArray | undefined): Float64Array {
  const candidates = mask ? countNonZero(mask) : voxels.length;
  const step = Math.max(1, Math.ceil(candidates / MOST_VALUES));
  const values = new Float64Array(Math.ceil(candidates / step));
  let [seen, kept] = [0, 0];
  for (let i = 0; i < voxels.length; i++) {
    if (mask && Number(mask[i]) === 0) continue;
    if (seen++ % step !== 0) continue;
    const value = Number(voxels[i]);
    if (Number.isFinite(value)) values[kept++] = value;
  }
  return values.subarray(0, kept).sort();
}

function countNonZero(mask: VoxelArray): number {
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (Number(mask[i]) !== 0) count++;
  return count;
}

function countNotFinite(voxels: VoxelArray): number {
  if (!(voxels instanceof Float32Array || voxels instanceof Float64Array)) return 0;
  let count = 0;
  for (let i = 0; i < voxels.length; i++) if (!Number.isFinite(voxels[i])) count++;
  return count;
}

/** Of values in ascending order. */
export function summarize(sorted: ArrayLike<number>): IntensitySummary {
  const count = sorted.length;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < count; i++) sum += sorted[i] as number;
  const mean = sum / count;
  for (let i = 0; i < count; i++) squares += ((sorted[i] as number) - mean) ** 2;
  const at = (share: number): number => quantileOfSorted(sorted, share);
  return {
    count,
    mean,
    standardDeviation: Math.sqrt(squares / count),
    minimum: at(0),
    percentile0_5: at(0.005),
    median: at(0.5),
    percentile99_5: at(0.995),
    maximum: at(1),
  };
}

function thin(sorted: Float64Array): number[] {
  const count = Math.min(SAMPLE_SIZE, sorted.length);
  return Array.from({ length: count }, (_, i) => quantileOfSorted(sorted, count === 1 ? 0.5 : i / (count - 1)));
}

function countClasses(label: VoxelArray, id: string): Record<string, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < label.length; i++) {
    const value = Number(label[i]);
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > MOST_LABEL_VALUES) {
      const expected = `at most ${MOST_LABEL_VALUES}: whole numbers, one a structure`;
      throw new VesaliusError('LABEL_OUT_OF_RANGE', {
        what: `different label values of case ${id}`,
        got: counts.size,
        expected,
      });
    }
  }
  const ascending = [...counts].sort(([a], [b]) => a - b);
  return Object.fromEntries(ascending.map(([value, count]) => [String(value), count]));
}
