import { spacingMm, type Triple } from '@vesalius/volume';
import type { AnnotationWork } from './annotation-work.ts';
import { copySlice } from './editing/copy-slice.ts';
import { fillBetween } from './editing/fill-between.ts';
import { largestPart, withoutSmallParts } from './editing/islands.ts';
import { smooth } from './editing/smooth.ts';
import type { CommandName } from './key-rows.ts';

interface CommandContext {
  readonly value: number;
  /** Parts with fewer voxels are specks. */
  readonly leastVoxels: number;
}

/** Of the finest step from voxel to voxel. */
const SIGMA_STEPS = 1.5;

/** Changes one label as a whole, as one step. @returns whether there was anything to change */
export function runCommand(work: AnnotationWork, name: CommandName, context: CommandContext): boolean {
  const { history } = work;
  const { value } = context;
  if (name === 'copyOn' || name === 'copyBack') copy(work, value, name === 'copyOn' ? 1 : -1);
  else {
    const region = regionAfter(work, name, context);
    if (region) history.shape(region, value);
  }
  const bounds = history.end();
  if (bounds) work.changed(bounds);
  return bounds !== undefined;
}

function regionAfter(
  work: AnnotationWork,
  name: Exclude<CommandName, 'copyOn' | 'copyBack'>,
  { value, leastVoxels }: CommandContext,
) {
  const { history, host } = work;
  const spacing: Triple = host.series.grid ? spacingMm(host.series.grid) : [1, 1, 1];
  if (name === 'fillBetween') return fillBetween(history, { value, axis: host.activePlane().axis, spacing });
  if (name === 'smooth') return smooth(history, { value, spacing, sigmaMm: SIGMA_STEPS * Math.min(...spacing) });
  if (name === 'largest') return largestPart(history, value);
  return withoutSmallParts(history, value, leastVoxels);
}

/** The view goes along with the copy, so that the key can be pressed again. */
function copy({ history, host }: AnnotationWork, value: number, by: 1 | -1): void {
  const { axis } = host.activePlane();
  const at = host.voxel();
  const from = Math.round(at[axis]);
  const region = copySlice(history, { value, axis, from, to: from + by });
  if (!region) return;
  history.add(region, value);
  host.jumpTo(at.with(axis, from + by) as unknown as Triple);
}
