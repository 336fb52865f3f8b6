import { VesaliusError } from '@vesalius/errors';
import type { Triple } from '@vesalius/volume';
import { quantileOfSorted } from '../metrics/quantile.ts';
import { type CaseSummary, type IntensitySummary, summarize } from './case-summary.ts';

/** A structure to be found: its value in the label files and its name; 0 is the background. */
export interface LabelClass {
  readonly value: number;
  readonly name: string;
}

export interface AxisRange {
  readonly minimum: Triple;
  readonly percentile10: Triple;
  readonly median: Triple;
  readonly maximum: Triple;
}

export interface ChannelFingerprint {
  readonly name: string;
  /** `ct`: calibrated Hounsfield units; `other`: arbitrary units that differ from scan to scan. */
  readonly modality: 'ct' | 'other';
  /** Of all labelled voxels of the data set, each case counting alike. */
  readonly foreground: IntensitySummary;
  /** Largest of the cases' medians divided by the smallest: how far intensity scales are apart; absent where one is not above 0. */
  readonly scaleSpread?: number;
  /** Median over the cases of the share of voxels that are exactly 0. */
  readonly zeroShare: number;
}

export interface ClassFingerprint extends LabelClass {
  /** Share of all voxels, 0 to 1. */
  readonly voxelShare: number;
  /** Cases in which the class occurs. */
  readonly cases: number;
}

/** What the data of one training look like, as far as choices depend on it; plain JSON. Axes are x, y, z of `orientation`. */
export interface DatasetFingerprint {
  readonly name: string;
  readonly cases: number;
  readonly labelledCases: number;
  /** The axes most cases have; sizes and spacings of the others are turned to it. */
  readonly orientation: string;
  readonly orientations: Readonly<Record<string, number>>;
  readonly sizeVoxels: AxisRange;
  readonly spacingMm: AxisRange;
  /** Largest of the three median spacings divided by the smallest. */
  readonly anisotropy: number;
  readonly channels: readonly ChannelFingerprint[];
  readonly classes: readonly ClassFingerprint[];
}

export interface FingerprintOptions {
  readonly name: string;
  readonly channels: readonly { readonly name: string }[];
  readonly labels: readonly LabelClass[];
}

/**
 * Gathers the cases' summaries into the fingerprint of the data set.
 *
 * @throws EMPTY_FOLDER without a case
 * @source Isensee et al. 2021, nnU-Net: the data fingerprint
 */
export function fingerprintOf(summaries: readonly CaseSummary[], options: FingerprintOptions): DatasetFingerprint {
  if (summaries.length === 0) throw new VesaliusError('EMPTY_FOLDER', { what: `cases of ${options.name}`, got: 0 });
  const orientations = countBy(summaries, ({ orientation }) => orientation);
  const orientation = mostFrequent(orientations);
  const turned = (triple: Triple, from: string): Triple => turnAxes(triple, from, orientation);
  const spacingMm = axisRange(summaries.map((item) => turned(item.spacingMm, item.orientation)));
  return {
    name: options.name,
    cases: summaries.length,
    labelledCases: summaries.filter(({ classVoxels }) => classVoxels).length,
    orientation,
    orientations,
    sizeVoxels: axisRange(summaries.map((item) => turned(item.size, item.orientation))),
    spacingMm,
    anisotropy: Math.max(...spacingMm.median) / Math.min(...spacingMm.median),
    channels: options.channels.map(({ name }, channel) => channelFingerprint(summaries, name, channel)),
    classes: options.labels.map((label) => classFingerprint(summaries, label)),
  };
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}

function mostFrequent(counts: Record<string, number>): string {
  return Object.keys(counts).reduce((best, key) => ((counts[key] ?? 0) > (counts[best] ?? 0) ? key : best));
}

/** Numbers along one volume's axes in the order of another's, such as `PSR` to `RAS`. */
function turnAxes(triple: Triple, from: string, to: string): Triple {
  const world = (letter: string): number => ['LR', 'PA', 'SI'].findIndex((pair) => pair.includes(letter));
  const axes = Array.from(from, world);
  return Array.from(to, (letter) => triple[axes.indexOf(world(letter))]) as unknown as Triple;
}

function axisRange(triples: readonly Triple[]): AxisRange {
  const sorted = [0, 1, 2].map((axis) => Float64Array.from(triples, (triple) => triple[axis] as number).sort());
  const at = (share: number): Triple => sorted.map((values) => quantileOfSorted(values, share)) as unknown as Triple;
  return { minimum: at(0), percentile10: at(0.1), median: at(0.5), maximum: at(1) };
}

function channelFingerprint(summaries: readonly CaseSummary[], name: string, channel: number): ChannelFingerprint {
  const ofCases = summaries.flatMap((summary) => summary.channels[channel] ?? []);
  const sample = ofCases.flatMap(({ foregroundSample }) => foregroundSample);
  const overall = ofCases.map((item) => item.overall);
  const medians = overall.map(({ median }) => median);
  const smallest = Math.min(...medians);
  return {
    name,
    modality: isCt(name, overall) ? 'ct' : 'other',
    foreground: summarize(Float64Array.from(sample.length > 0 ? sample : medians).sort()),
    zeroShare: quantileOfSorted(Float64Array.from(ofCases, (item) => item.zeroShare).sort(), 0.5),
    ...(smallest > 0 ? { scaleSpread: Math.max(...medians) / smallest } : {}),
  };
}

/** By its name, or because every case reaches from air (below -500) to bone and none leaves what scanners store. */
function isCt(name: string, overall: readonly IntensitySummary[]): boolean {
  if (/^(ct|cta|cect|ncct)$/i.test(name)) return true;
  if (/^(mr|mri|t1|t2|flair|pet|us|adc|dwi)/i.test(name)) return false;
  const like = (s: IntensitySummary): boolean =>
    s.minimum <= -500 && s.minimum >= -8192 && s.maximum >= 200 && s.maximum <= 32767;
  return overall.length > 0 && overall.every(like);
}

function classFingerprint(summaries: readonly CaseSummary[], label: LabelClass): ClassFingerprint {
  let [inside, all, cases] = [0, 0, 0];
  for (const { classVoxels } of summaries) {
    if (!classVoxels) continue;
    const count = classVoxels[String(label.value)] ?? 0;
    inside += count;
    cases += count > 0 ? 1 : 0;
    for (const voxels of Object.values(classVoxels)) all += voxels;
  }
  return { ...label, voxelShare: all === 0 ? 0 : inside / all, cases };
}
