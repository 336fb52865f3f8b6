import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Arrival, arrivalOf, type DynamicSeries, dynamicSeries, meanCurve, voxelCurve } from '@vesalius/medical';
import { readVolume, type Volume, voxelsPerFrame } from '@vesalius/volume';
import { dataFolder } from './data-folder.ts';

/** The dynamic prostate series of ProstateX-0218, and where contrast clearly comes. */
export interface Crop {
  readonly series: DynamicSeries;
  readonly echo: { readonly repetitionSeconds: number; readonly flipAngleDegrees: number };
  readonly flipAngles: {
    readonly images: readonly Volume[];
    readonly anglesDegrees: readonly number[];
    readonly repetitionSeconds: number;
  };
  /** In the mean of the clear voxels. */
  readonly arrival: Arrival;
  /** Voxels that brighten by half at least, clearly, of T1 between 0.3 and 4 s by the eye of their flip angles. */
  readonly clear: readonly number[];
}

interface Meta {
  readonly times_s: readonly number[];
  readonly TR_ms: number;
  readonly flip_deg: number;
  readonly vfa: Readonly<Record<string, unknown>>;
}

const LEAST_SIGNAL = 30;

export async function readCrop(): Promise<Crop> {
  const folder = join(dataFolder(), 'dce_prostatex0218_crop64');
  const read = (name: string): Promise<Volume> => readVolume(new Uint8Array(readFileSync(join(folder, name))), name);
  const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as Meta;
  const series = dynamicSeries(await read('dce.nii.gz'), meta.times_s);
  const anglesDegrees = Object.keys(meta.vfa).map(Number);
  const images = await Promise.all(
    anglesDegrees.map((angle) => read(`vfa_${String(angle).padStart(2, '0')}deg.nii.gz`)),
  );
  const clear = Array.from({ length: voxelsPerFrame(series.volume) }, (_, voxel) => voxel).filter((voxel) =>
    isClear(voxelCurve(series, voxel), series.seconds),
  );
  const among = new Set(clear);
  const repetitionSeconds = meta.TR_ms / 1000;
  return {
    series,
    echo: { repetitionSeconds, flipAngleDegrees: meta.flip_deg },
    flipAngles: { images, anglesDegrees, repetitionSeconds },
    arrival: arrivalOf(
      meanCurve(series, (voxel) => among.has(voxel)),
      series.seconds,
    ),
    clear,
  };
}

function isClear(curve: Float64Array, seconds: Float64Array): boolean {
  const mean = (from: number, to: number): number =>
    curve.subarray(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
  const before = mean(0, 7);
  if (before < LEAST_SIGNAL || mean(20, 50) < 1.5 * before) return false;
  const { clearness, seconds: arrival } = arrivalOf(curve, seconds);
  return clearness > 10 && arrival > 15 && arrival < 60;
}
