import { crop, gridWithSpacing, pad, reorient, resample, spacingMm, type Triple, type Volume } from '@vesalius/volume';
import type { TrainingPlan } from '../planning/training-plan.ts';

const SAME_SPACING = 1e-3;

/** A scan as a plan has it seen: orientation, spacing, and only what is not 0 where the plan says so. */
export interface PlannedScan {
  readonly channels: readonly Volume[];
  /** A map on the same grid as the channels, cut as they are. */
  cut<V extends Volume['voxels']>(map: Volume<V>): Volume<V>;
  /** A map on the channels' grid, with 0 where the scan was cut. */
  whole<V extends Volume['voxels']>(map: Volume<V>): Volume<V>;
}

export function plannedScan(channels: readonly Volume[], plan: TrainingPlan): PlannedScan {
  const planned = channels.map((volume) => onPlannedGrid(volume, plan));
  const [first] = planned;
  const box = first && plan.cropForeground?.value ? foregroundBox(planned) : undefined;
  if (!first || !box) return { channels: planned, cut: (map) => map, whole: (map) => map };
  const { start, size } = box;
  const after = first.size.map((n, axis) => n - (start[axis] as number) - (size[axis] as number)) as unknown as Triple;
  return {
    channels: planned.map((volume) => crop(volume, start, size)),
    cut: (map) => crop(map, start, size),
    whole: (map) => pad(map, { before: start, after }),
  };
}

/** One scan on the plan's grid: orientation and spacing. */
export function onPlannedGrid(
  volume: Volume,
  { orientation, targetSpacingMm }: Pick<TrainingPlan, 'orientation' | 'targetSpacingMm'>,
): Volume {
  const turned = reorient(volume, orientation.value);
  if (hasSpacing(turned, targetSpacingMm.value)) return turned;
  return resample(turned, {
    ...gridWithSpacing(turned, targetSpacingMm.value, 'edges'),
    interpolation: 'linear',
    outside: 'edge',
  });
}

export function hasSpacing(volume: Volume, wanted: readonly number[]): boolean {
  return spacingMm(volume).every((mm, axis) => Math.abs(mm - (wanted[axis] as number)) < SAME_SPACING);
}

/** The smallest box outside which every channel is 0; none where all are 0 everywhere. */
function foregroundBox(channels: readonly Volume[]): { readonly start: Triple; readonly size: Triple } | undefined {
  const [width, height, depth] = (channels[0] as Volume).size;
  const [low, high] = [
    [width, height, depth],
    [-1, -1, -1],
  ] as [number[], number[]];
  for (const { voxels } of channels)
    for (let z = 0, at = 0; z < depth; z++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++, at++) {
          if (Number(voxels[at]) === 0) continue;
          for (const [axis, place] of [x, y, z].entries()) {
            if (place < (low[axis] as number)) low[axis] = place;
            if (place > (high[axis] as number)) high[axis] = place;
          }
        }
  if ((high[0] as number) < 0) return undefined;
  const size = high.map((last, axis) => last - (low[axis] as number) + 1) as unknown as Triple;
  return { start: low as unknown as Triple, size };
}
