import type { CaseSummary, IntensitySummary, LabelClass } from '@vesalius/medical';
import type { CheckedCase, DataWarning } from './data-report.ts';
import type { Dataset } from './dataset.ts';

/** Brightness more than this many times away from the typical scan is another scale. */
const SCALE_FACTOR = 5;
/** A maximum this many times the spread above the 99.5th percentile is a spike. */
const SPIKE_FACTOR = 10;
const SPACING_FACTOR = 2;

/** Looks over all cases together for what is unusual. */
export function findWarnings(
  cases: readonly CheckedCase[],
  dataset: Dataset,
  labels: readonly LabelClass[],
): DataWarning[] {
  const summaries = cases.map(({ summary }) => summary);
  const perChannel = dataset.channels.flatMap(({ name }, channel) => {
    const ofChannel = summaries.flatMap(({ id, channels }) =>
      channels[channel] ? { id, ...channels[channel].overall } : [],
    );
    return [scaleWarning(ofChannel, name), spikeWarning(ofChannel, name), constantWarning(ofChannel, name)];
  });
  const all = [
    ...perChannel,
    ...labelWarnings(summaries, labels),
    orientationWarning(summaries),
    spacingWarning(summaries),
    ...duplicateWarnings(cases),
  ];
  return all.filter(({ cases: named, code }) => named.length > 0 || code === 'CLASS_MISSING');
}

type NamedIntensity = IntensitySummary & { readonly id: string };

/** The 99.5th percentile stands for a scan's brightness: air and single bright voxels do not move it. */
function scaleWarning(scans: readonly NamedIntensity[], channel: string): DataWarning {
  const typical = medianOf(scans.map(({ percentile99_5 }) => percentile99_5));
  const away = scans.filter(
    ({ percentile99_5: p }) => p > 0 && typical > 0 && Math.max(p / typical, typical / p) > SCALE_FACTOR,
  );
  const [low, high] = rangeOf(away.map(({ percentile99_5 }) => percentile99_5));
  const text = `${channel}: 99.5th percentiles of ${low} to ${high}, where ${figure(typical)} is typical; each scan has to be scaled by itself`;
  return { code: 'INTENSITY_SCALE', cases: idsOf(away), text };
}

function spikeWarning(scans: readonly NamedIntensity[], channel: string): DataWarning {
  const spiked = scans.filter(
    (s) =>
      s.maximum - s.percentile99_5 > SPIKE_FACTOR * (s.percentile99_5 - s.percentile0_5) &&
      s.percentile99_5 > s.percentile0_5,
  );
  const worst = Math.max(...spiked.map((s) => s.maximum / s.percentile99_5));
  return {
    code: 'INTENSITY_SPIKES',
    cases: idsOf(spiked),
    text: `${channel}: maxima up to ${figure(worst)} times the 99.5th percentile`,
  };
}

function constantWarning(scans: readonly NamedIntensity[], channel: string): DataWarning {
  const flat = scans.filter(({ minimum, maximum }) => minimum === maximum);
  return { code: 'CONSTANT_IMAGE', cases: idsOf(flat), text: `${channel}: every voxel is ${flat[0]?.minimum}` };
}

function labelWarnings(summaries: readonly CaseSummary[], labels: readonly LabelClass[]): DataWarning[] {
  const labelled = summaries.filter(({ classVoxels }) => classVoxels);
  const foundIn = (value: number) => labelled.filter(({ classVoxels }) => (classVoxels?.[String(value)] ?? 0) > 0);
  const classes = labels.filter(({ value }) => value !== 0);
  const found = new Set(classes.flatMap(({ value }) => idsOf(foundIn(value))));
  const missing = labelled.length > 0 ? classes.filter(({ value }) => foundIn(value).length === 0) : [];
  return [
    {
      code: 'EMPTY_LABEL',
      cases: idsOf(labelled).filter((id) => !found.has(id)),
      text: 'labels are background throughout',
    },
    {
      code: 'NO_LABEL',
      cases: idsOf(summaries.filter(({ classVoxels }) => !classVoxels)),
      text: 'not used for training',
    },
    ...missing.map(
      ({ value, name }): DataWarning => ({ code: 'CLASS_MISSING', cases: [], text: `${name} (${value})` }),
    ),
  ];
}

function orientationWarning(summaries: readonly CaseSummary[]): DataWarning {
  const counts = Map.groupBy(summaries, ({ orientation }) => orientation);
  const usual = [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0];
  const others = summaries.filter(({ orientation }) => orientation !== usual);
  const text = `${[...new Set(others.map(({ orientation }) => orientation))].join(', ')} beside ${usual}; they are turned, not interpolated`;
  return { code: 'MIXED_ORIENTATION', cases: idsOf(others), text };
}

function spacingWarning(summaries: readonly CaseSummary[]): DataWarning {
  const voxelOf = ({ spacingMm }: CaseSummary) => spacingMm.toSorted((a, b) => a - b);
  const typical = [0, 1, 2].map((axis) => medianOf(summaries.map((item) => voxelOf(item)[axis] as number)));
  const far = summaries.filter((item) =>
    voxelOf(item).some(
      (mm, axis) => Math.max(mm / (typical[axis] as number), (typical[axis] as number) / mm) > SPACING_FACTOR,
    ),
  );
  return {
    code: 'MIXED_SPACING',
    cases: idsOf(far),
    text: `more than ${SPACING_FACTOR} times off ${typical.map(figure).join(' x ')} mm`,
  };
}

/** One warning a group, as each is one scan that may stand in training and validation at once. */
function duplicateWarnings(cases: readonly CheckedCase[]): DataWarning[] {
  const images = cases.flatMap(({ id, files }) => (files[0] ? { id, hash: files[0].sha256, path: files[0].path } : []));
  return [...Map.groupBy(images, ({ hash }) => hash).values()]
    .filter((group) => group.length > 1)
    .map((group) => ({
      code: 'DUPLICATE_IMAGE',
      cases: idsOf(group),
      text: group.map(({ path }) => path).join(' = '),
    }));
}

function idsOf(items: readonly { readonly id: string }[]): string[] {
  return items.map(({ id }) => id);
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function rangeOf(values: readonly number[]): [string, string] {
  return [figure(Math.min(...values)), figure(Math.max(...values))];
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}
