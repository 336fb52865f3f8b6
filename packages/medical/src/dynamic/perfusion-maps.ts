import { VesaliusError } from '@vesalius/errors';
import { assertSameGrid, createVolume, type Volume, voxelsPerFrame } from '@vesalius/volume';
import { type Arrival, arrivalOf } from './arrival-time.ts';
import { type ArterialInput, parkerInput } from './arterial-input.ts';
import { type CurveType, curveType } from './curve-type.ts';
import { type DynamicSeries, meanCurve, voxelCurve } from './dynamic-series.ts';
import { DEFAULT_RELAXIVITY, type GradientEcho, toConcentration } from './spoiled-gradient-echo.ts';
import { createT1Fit } from './t1-mapping.ts';
import { createToftsFit, type DelayRange, type ToftsModel, type ToftsParameters } from './tofts-fit.ts';

/** Images of several flip angles on the grid of the series, before contrast. */
export interface FlipAngleImages {
  readonly images: readonly Volume[];
  readonly anglesDegrees: readonly number[];
  readonly repetitionSeconds: number;
  readonly fit?: 'linear' | 'nonlinear';
}

export interface PerfusionOptions {
  /** Of the series; without it the signal is taken to rise in proportion to the concentration. */
  readonly echo?: GradientEcho;
  /** Measured, or assumed the same everywhere in seconds; default 1.4 s. */
  readonly t1?: FlipAngleImages | number;
  /** Default 4.5 per mM and second. */
  readonly relaxivity?: number;
  /** Default the population's, after the bolus arrives. */
  readonly input?: ArterialInput;
  /** How much later than the input contrast may come to a voxel; around the arrival in the whole without it. */
  readonly delay?: DelayRange;
  readonly model?: ToftsModel;
  /** Called after each slice, and waited for; what it throws ends the work. */
  readonly onSlice?: (done: number, total: number) => void | Promise<void>;
}

const MAPS = ['arrival', 'enhancement', 't1', 'ktrans', 've', 'kep', 'vp', 'residual'] as const;

/** What is mapped: arrival in s after the first frame; enhancement, ve and vp as shares; t1 in s; ktrans and kep per minute; residual in mM. */
export type PerfusionMap = (typeof MAPS)[number];

export interface PerfusionMaps {
  readonly maps: Readonly<Record<PerfusionMap, Volume<Float32Array>>>;
  /** 0 no contrast, 1 to 3 for types I to III. */
  readonly curveTypes: Volume<Uint8Array>;
  /** When contrast comes to the tissue as a whole. */
  readonly arrival: Arrival;
  readonly input: ArterialInput;
  readonly delay: DelayRange;
  /** Voxels whose curve was fitted. */
  readonly fitted: number;
  /** Mean signal of the voxels of each curve type, 1 to 3. */
  readonly typeCurves: readonly Float64Array[];
  /** What was assumed where nothing was measured. */
  readonly assumptions: readonly string[];
}

const ASSUMED_T1 = 1.4;
const T1_RANGE = [0.05, 6] as const;
/** Curves that rise less clearly over their scatter are not fitted. */
const CLEAR = 5;
/** Seconds that the population's bolus may arrive before and after the tissue's enhancement as a whole. */
const DELAY_AROUND = { before: 20, after: 25 };
const MEASURED_DELAY: DelayRange = { from: 0, to: 20 };

/**
 * Maps of a dynamic contrast series: arrival and type of each voxel's curve, and Tofts' parameters of those where contrast comes.
 *
 * Maps are 0 where no contrast comes or no fit is possible.
 *
 * @throws GEOMETRY_MISMATCH when images of flip angles lie on another grid; as `createT1Fit` and `createToftsFit`
 */
export async function perfusionMaps(series: DynamicSeries, options: PerfusionOptions = {}): Promise<PerfusionMaps> {
  const { volume, seconds } = series;
  const arrival = wholeArrival(series);
  const input = options.input ?? parkerInput(seconds.at(-1) as number);
  const delay = options.delay ?? delayAround(arrival, input);
  const concentrationOf = concentrations(series, { ...options, baseline: arrival.baseline });
  const fit = createToftsFit({ input, seconds, model: options.model ?? 'extended' });
  const frame = voxelsPerFrame(volume);
  const arrays = Object.fromEntries(MAPS.map((name) => [name, new Float32Array(frame)])) as Record<
    PerfusionMap,
    Float32Array
  >;
  const types = new Uint8Array(frame);
  const signal = new Float64Array(seconds.length);
  let fitted = 0;
  const [slices, perSlice] = [volume.size[2], volume.size[0] * volume.size[1]];
  for (let slice = 0; slice < slices; slice++) {
    for (let voxel = slice * perSlice; voxel < (slice + 1) * perSlice; voxel++) {
      const seen = seenIn(voxelCurve(series, voxel, signal), seconds, arrival);
      const { curve, t1Seconds } = concentrationOf(voxel, signal);
      arrays.t1[voxel] = t1Seconds;
      arrays.enhancement[voxel] = seen.enhancement;
      if (seen.type === 0) continue;
      types[voxel] = seen.type;
      arrays.arrival[voxel] = seen.seconds;
      if (curve === undefined) continue;
      writeFit(arrays, voxel, fit(curve, delay));
      fitted++;
    }
    await options.onSlice?.(slice + 1, slices);
  }
  const { size, voxelToLps } = volume;
  const mapOf = <V extends Float32Array | Uint8Array>(voxels: V): Volume<V> =>
    createVolume({ voxels, size, voxelToLps });
  return {
    maps: Object.fromEntries(MAPS.map((name) => [name, mapOf(arrays[name])])) as PerfusionMaps['maps'],
    curveTypes: mapOf(types),
    arrival,
    input,
    delay,
    fitted,
    typeCurves: [1, 2, 3].map((type) => meanCurve(series, (voxel) => types[voxel] === type)),
    assumptions: assumptionsOf(options, input),
  };
}

function writeFit(arrays: Record<PerfusionMap, Float32Array>, voxel: number, found: ToftsParameters): void {
  arrays.ktrans[voxel] = found.ktransPerMinute;
  arrays.ve[voxel] = found.ve;
  arrays.kep[voxel] = found.kepPerMinute;
  arrays.vp[voxel] = found.vp;
  arrays.residual[voxel] = found.residual;
}

/** Arrival in the mean of the tenth of all voxels that brightens most. */
function wholeArrival(series: DynamicSeries): Arrival {
  const frame = voxelsPerFrame(series.volume);
  const rises = new Float64Array(frame);
  const third = Math.floor(series.seconds.length / 3);
  const signal = new Float64Array(series.seconds.length);
  for (let voxel = 0; voxel < frame; voxel++) {
    voxelCurve(series, voxel, signal);
    for (let t = 0; t < signal.length; t++)
      rises[voxel] = (rises[voxel] as number) + (t < third ? -2 : 1) * (signal[t] as number);
  }
  const bound = rises.toSorted()[Math.floor(0.9 * frame)] as number;
  return arrivalOf(
    meanCurve(series, (voxel) => (rises[voxel] as number) >= bound),
    series.seconds,
  );
}

function delayAround(arrival: Arrival, { name }: ArterialInput): DelayRange {
  if (name === 'measured') return MEASURED_DELAY;
  return { from: arrival.seconds - DELAY_AROUND.before, to: arrival.seconds + DELAY_AROUND.after };
}

interface Seen {
  readonly type: CurveType;
  readonly seconds: number;
  readonly enhancement: number;
}

function seenIn(signal: Float64Array, seconds: Float64Array, whole: Arrival): Seen {
  const { baseline } = whole;
  const before = signal.subarray(0, baseline).reduce((sum, value) => sum + value, 0) / baseline;
  const after = signal.subarray(baseline).reduce((sum, value) => sum + value, 0) / (signal.length - baseline);
  const enhancement = before > 0 ? after / before - 1 : 0;
  const own = arrivalOf(signal, seconds);
  const type =
    own.clearness < CLEAR
      ? 0
      : curveType(signal, seconds, {
          arrivalSeconds: own.seconds,
          baseline: Math.min(own.baseline, signal.length - 2),
        });
  return { type, seconds: own.seconds, enhancement };
}

type ConcentrationOf = (voxel: number, signal: Float64Array) => { curve: Float64Array | undefined; t1Seconds: number };

function concentrations(
  { volume }: DynamicSeries,
  { echo, t1 = ASSUMED_T1, relaxivity = DEFAULT_RELAXIVITY, baseline }: PerfusionOptions & { baseline: number },
): ConcentrationOf {
  const t1Of = typeof t1 === 'number' ? () => t1 : t1Reader(volume, t1);
  const curve = new Float64Array(volume.timePoints);
  return (voxel, signal) => {
    const t1Seconds = t1Of(voxel);
    const bright = signal.subarray(0, baseline).some((value) => value > 0);
    if (!(t1Seconds > 0 && bright)) return { curve: undefined, t1Seconds: 0 };
    if (echo) toConcentration(signal, curve, { ...echo, t1Seconds, relaxivity, baseline });
    else inProportion(signal, curve, { perEnhancement: 1 / (t1Seconds * relaxivity), baseline });
    return { curve: curve.every(Number.isFinite) ? curve : undefined, t1Seconds };
  };
}

function inProportion(
  signal: Float64Array,
  out: Float64Array,
  { perEnhancement, baseline }: { perEnhancement: number; baseline: number },
): void {
  const before = signal.subarray(0, baseline).reduce((sum, value) => sum + value, 0) / baseline;
  for (let i = 0; i < out.length; i++) out[i] = perEnhancement * ((signal[i] as number) / before - 1);
}

/** T1 of a voxel; 0 where none explains its signals. */
function t1Reader(grid: Volume, { images, ...options }: FlipAngleImages): (voxel: number) => number {
  for (const image of images) assertSameGrid(grid, image, { toleranceMm: 0.1 });
  if (images.length !== options.anglesDegrees.length)
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'images of flip angles',
      got: images.length,
      expected: options.anglesDegrees.length,
    });
  const fit = createT1Fit(options);
  const signals = new Float64Array(images.length);
  return (voxel) => {
    for (const [i, { voxels }] of images.entries()) signals[i] = Number(voxels[voxel]);
    const { t1Seconds } = fit(signals);
    return t1Seconds >= T1_RANGE[0] && t1Seconds <= T1_RANGE[1] ? t1Seconds : 0;
  };
}

function assumptionsOf({ echo, t1 = ASSUMED_T1, relaxivity }: PerfusionOptions, input: ArterialInput): string[] {
  return [
    typeof t1 === 'number'
      ? `T1 before contrast is ${t1} s everywhere`
      : 'every flip angle is reached as it was asked for (no B1 map)',
    echo
      ? 'the signal is that of a spoiled gradient echo in its steady state'
      : 'the signal rises in proportion to the concentration',
    ...(relaxivity === undefined ? [`the relaxivity is ${DEFAULT_RELAXIVITY} per mM and second`] : []),
    input.name === 'measured'
      ? 'the artery that was measured feeds the tissue'
      : `the arterial input is that of a population (${input.name})`,
  ];
}
