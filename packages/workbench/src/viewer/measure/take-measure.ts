import type { Triple } from '@vesalius/volume';
import type { Measured, Measurement } from './measurement.ts';

export interface Scene {
  /** Undefined where the size of a pixel is not known. */
  readonly toMm?: (voxel: Triple) => Triple;
  readonly valueAt: (voxel: Triple) => number | undefined;
}

/** The figures of a measurement. */
export function takeMeasure(measurement: Measurement, scene: Scene): Measured {
  const unit = scene.toMm ? 'mm' : 'px';
  const toMm = scene.toMm ?? ((voxel: Triple) => voxel);
  const [a, b, c] = measurement.points.map(toMm);
  if (measurement.kind === 'probe') return { unit, ...probed(scene.valueAt(rounded(measurement.points[0]))) };
  if (!a || !b) return { unit };
  if (measurement.kind === 'length') return { unit, length: Math.hypot(...difference(a, b)) };
  if (measurement.kind === 'angle') return c ? { unit, degrees: degreesAt(b, a, c) } : { unit };
  return { unit, ...ellipse(measurement, scene, toMm) };
}

function probed(value: number | undefined): Pick<Measured, 'value'> {
  return value === undefined ? {} : { value };
}

function rounded(voxel: Triple = [0, 0, 0]): Triple {
  return [Math.round(voxel[0]), Math.round(voxel[1]), Math.round(voxel[2])];
}

function difference(a: Triple, b: Triple): Triple {
  return [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
}

function degreesAt(corner: Triple, one: Triple, other: Triple): number {
  const [u, v] = [difference(corner, one), difference(corner, other)];
  const cosine = (u[0] * v[0] + u[1] * v[1] + u[2] * v[2]) / (Math.hypot(...u) * Math.hypot(...v));
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

/** Area, mean and deviation of the voxels whose centres lie inside. */
function ellipse({ points, axis }: Measurement, scene: Scene, toMm: (voxel: Triple) => Triple): Partial<Measured> {
  const [a, b] = points as readonly [Triple, Triple];
  const [u, v] = ([0, 1, 2] as const).filter((one) => one !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const [midU, midV] = [(a[u] + b[u]) / 2, (a[v] + b[v]) / 2];
  const [halfU, halfV] = [Math.abs(a[u] - b[u]) / 2, Math.abs(a[v] - b[v]) / 2];
  const values: number[] = [];
  for (let i = Math.ceil(midU - halfU); i <= midU + halfU; i++) {
    for (let j = Math.ceil(midV - halfV); j <= midV + halfV; j++) {
      if (((i - midU) / halfU) ** 2 + ((j - midV) / halfV) ** 2 > 1) continue;
      const voxel: [number, number, number] = [a[0], a[1], a[2]];
      [voxel[u], voxel[v], voxel[axis]] = [i, j, Math.round(a[axis])];
      const value = scene.valueAt(voxel);
      if (value !== undefined) values.push(value);
    }
  }
  const along = (axisOf: 0 | 1 | 2, half: number) => {
    const end: [number, number, number] = [a[0], a[1], a[2]];
    end[axisOf] += half;
    return Math.hypot(...difference(toMm(a), toMm(end)));
  };
  const area = Math.PI * along(u, halfU) * along(v, halfV);
  if (values.length === 0) return { area };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { area, mean, deviation: Math.sqrt(variance) };
}
