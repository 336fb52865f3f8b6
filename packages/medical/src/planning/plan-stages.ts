/** Kernels and strides of every level and the patch that fits them; axes x, y(, z). */
export interface StagePlan {
  readonly patch: readonly number[];
  readonly kernelSize: readonly (readonly number[])[];
  readonly strides: readonly (readonly number[])[];
}

export interface StageOptions {
  /** Size of a typical scan at the target spacing. */
  readonly medianSize: readonly number[];
  readonly spacingMm: readonly number[];
  /** Most voxels of one patch. */
  readonly patchVoxels: number;
  /** Most levels of the network. */
  readonly mostLevels: number;
}

const SMALLEST_FEATURE_MAP = 4;
const FEWEST_LEVELS = 3;

/**
 * Chooses the patch, and from its size and the spacing which axes each level halves and where a kernel spans one slice only.
 *
 * An axis is halved while at least 4 voxels remain and its spacing is within twice the finest, so that coarse slices wait
 * until the plane has caught up; kernels stay 1 across slices until then.
 *
 * @source Isensee et al. 2021, nnU-Net: rules for the network topology
 */
export function planStages(options: StageOptions): StagePlan {
  let wanted = initialPatch(options);
  let plan = stagesFor(wanted, options);
  while (voxelsOf(plan.patch) > options.patchVoxels) {
    const smaller = shrink(plan, options.medianSize);
    if (!smaller) return plan;
    wanted = smaller;
    plan = stagesFor(wanted, options);
  }
  return plan;
}

function voxelsOf(size: readonly number[]): number {
  return size.reduce((product, n) => product * n, 1);
}

/** A cube in millimetres that fills the budget; axes on which the scan ends sooner leave their share to the others. */
function initialPatch({ medianSize, spacingMm, patchVoxels }: StageOptions): number[] {
  const patch = [...medianSize];
  let free = patch.map((_, axis) => axis);
  let budget = patchVoxels;
  while (free.length > 0) {
    const spacing = voxelsOf(free.map((axis) => spacingMm[axis] as number));
    const sideMm = (budget * spacing) ** (1 / free.length);
    const ending = free.filter((axis) => sideMm / (spacingMm[axis] as number) >= (medianSize[axis] as number));
    if (ending.length === 0) {
      for (const axis of free) patch[axis] = Math.max(1, Math.round(sideMm / (spacingMm[axis] as number)));
      return patch;
    }
    budget /= voxelsOf(ending.map((axis) => medianSize[axis] as number));
    free = free.filter((axis) => !ending.includes(axis));
  }
  return patch;
}

function stagesFor(wanted: readonly number[], { spacingMm, mostLevels }: StageOptions): StagePlan {
  const ones = wanted.map(() => 1);
  const [size, spacing] = [[...wanted], [...spacingMm]];
  const kernels = [...ones];
  const strides = [ones];
  const kernelSize = [widenKernels(kernels, spacing)];
  while (strides.length < mostLevels) {
    const halved = axesToHalve(size, spacing);
    if (halved.length === 0) break;
    for (const axis of halved) {
      size[axis] = (size[axis] as number) / 2;
      spacing[axis] = (spacing[axis] as number) * 2;
    }
    strides.push(ones.map((_, axis) => (halved.includes(axis) ? 2 : 1)));
    kernelSize.push(widenKernels(kernels, spacing));
  }
  while (strides.length < FEWEST_LEVELS) {
    strides.push(ones);
    kernelSize.push([...kernels]);
  }
  const patch = wanted.map((n, axis) => Math.ceil(n / multipleOf(strides, axis)) * multipleOf(strides, axis));
  return { patch, kernelSize, strides };
}

/** 3 along an axis as soon as its spacing is below twice the finest; it stays so. */
function widenKernels(kernels: number[], spacing: readonly number[]): number[] {
  const finest = Math.min(...spacing);
  for (const [axis, mm] of spacing.entries()) if (mm / finest < 2) kernels[axis] = 3;
  return [...kernels];
}

function axesToHalve(size: readonly number[], spacing: readonly number[]): number[] {
  const large = size.flatMap((n, axis) => (n >= 2 * SMALLEST_FEATURE_MAP ? axis : []));
  const finest = Math.min(...large.map((axis) => spacing[axis] as number));
  return large.filter((axis) => (spacing[axis] as number) / finest < 2);
}

function multipleOf(strides: readonly (readonly number[])[], axis: number): number {
  return strides.reduce((product, stride) => product * (stride[axis] as number), 1);
}

/** One step less along the axis that covers most of the scan; nothing where no axis can shrink. */
function shrink({ patch, strides }: StagePlan, medianSize: readonly number[]): number[] | undefined {
  const cover = (axis: number): number => (patch[axis] as number) / (medianSize[axis] as number);
  const shrinkable = patch.flatMap((n, axis) => (n > multipleOf(strides, axis) ? axis : []));
  if (shrinkable.length === 0) return undefined;
  const widest = shrinkable.reduce((best, axis) => (cover(axis) > cover(best) ? axis : best));
  return patch.map((n, axis) => (axis === widest ? n - multipleOf(strides, axis) : n));
}
