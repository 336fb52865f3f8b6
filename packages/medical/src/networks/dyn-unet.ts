import { kaimingNormal, type Scope, type Tensor } from '@vesalius/engine';
import type { Act } from './activate.ts';
import { assertInput, assertOption } from './assert-input.ts';
import { convolutionBlock } from './convolution-block.ts';
import type { Norm } from './normalize.ts';
import type { PerAxis } from './per-axis.ts';
import { type UnetBlockOptions, unetBlock, unetUpBlock } from './unet-block.ts';

/** Names and defaults are MONAI's. */
export interface DynUNetOptions {
  readonly outChannels: number;
  /** Of every level, the finest first; at least 3. */
  readonly kernelSize: readonly PerAxis[];
  /** Of every level; the first is usually 1. */
  readonly strides: readonly PerAxis[];
  /** `strides` without the first by default. */
  readonly upsampleKernelSize?: readonly PerAxis[];
  /** Of every level; 32, 64, ... up to 320 (3-D) or 512 by default. */
  readonly filters?: readonly number[];
  readonly dropout?: number;
  readonly normName?: Norm;
  readonly actName?: Act;
  readonly deepSupervision?: boolean;
  readonly deepSuprNum?: number;
  readonly resBlock?: boolean;
  readonly transBias?: boolean;
}

/**
 * The U-Net that nnU-Net plans: kernels and strides of each level to the data's spacing, optionally residual, with
 * deep supervision.
 *
 * @param x - `[B, C, ...S]`, each size a multiple of the strides' product
 * @returns logits `[B, outChannels, ...S / strides[0]]`; while training with deep supervision followed by those of the
 *   `deepSuprNum` next coarser levels, each at its own size (MONAI enlarges them to the first's)
 * @throws SHAPE_MISMATCH for another size, INVALID_ARGUMENT when the levels' lists do not fit
 * @source Isensee et al. 2021, nnU-Net; Futrega et al. 2021, Optimized U-Net for brain tumor segmentation
 * @parity monai.networks.nets.DynUNet
 */
export function dynUnet(scope: Scope, x: Tensor, options: DynUNetOptions): Tensor[] {
  const { strides, outChannels, deepSupervision = false, deepSuprNum = 1, dropout = 0 } = options;
  checkLevels(options);
  assertInput('dynUnet', x, strides);
  const filters = filtersOf(options, x.shape.length - 2);
  const blocks = strides.map((stride, level) =>
    blockOf(options, { stride, level, outChannels: filters[level] as number }),
  );
  const skips = encode(scope, x, blocks);
  const ups = options.upsampleKernelSize ?? strides.slice(1);
  let y = skips.at(-1) as Tensor;
  const decoded: Tensor[] = [];
  for (let level = strides.length - 2; level >= 0; level--) {
    const block = {
      ...(blocks[level + 1] as UnetBlockOptions),
      stride: 1,
      outChannels: filters[level] as number,
      resBlock: false,
    };
    const up = { ...block, upsampleKernelSize: ups[level] as PerAxis, transBias: options.transBias ?? false };
    y = unetUpBlock(scope.child(`upsamples.${strides.length - 2 - level}`), [y, skips[level] as Tensor], up);
    decoded.unshift(y);
  }
  const heads = scope.training && deepSupervision ? decoded.slice(1, 1 + deepSuprNum) : [];
  const head = (at: string, features: Tensor): Tensor =>
    convolutionBlock(scope.child(at).child('conv'), features, { outChannels, kernelSize: 1, dropout, ...INITIAL });
  return [head('output_block', y), ...heads.map((features, i) => head(`deep_supervision_heads.${i}`, features))];
}

const INITIAL = { initializer: kaimingNormal(0.01) };

function checkLevels({
  kernelSize,
  strides,
  upsampleKernelSize,
  filters,
  deepSupervision,
  deepSuprNum = 1,
}: DynUNetOptions): void {
  const levels = strides.length;
  assertOption(levels >= 3, 'dynUnet: strides', levels, 'at least 3 levels');
  assertOption(kernelSize.length === levels, 'dynUnet: kernelSize', kernelSize.length, `${levels} levels, as strides`);
  const ups = upsampleKernelSize?.length ?? levels - 1;
  assertOption(ups === levels - 1, 'dynUnet: upsampleKernelSize', ups, `${levels - 1}, one fewer than strides`);
  assertOption(
    (filters?.length ?? levels) >= levels,
    'dynUnet: filters',
    filters?.length,
    `${levels} levels, as strides`,
  );
  const heads = !deepSupervision || (deepSuprNum >= 1 && deepSuprNum < levels - 1);
  assertOption(heads, 'dynUnet: deepSuprNum', deepSuprNum, `1 to ${levels - 2}`);
}

function filtersOf({ filters, strides }: DynUNetOptions, axes: number): readonly number[] {
  return filters ?? strides.map((_, level) => Math.min(2 ** (5 + level), axes === 3 ? 320 : 512));
}

function blockOf(
  options: DynUNetOptions,
  block: { stride: PerAxis; level: number; outChannels: number },
): UnetBlockOptions {
  const { normName, actName, dropout, resBlock = false } = options;
  return {
    outChannels: block.outChannels,
    kernelSize: options.kernelSize[block.level] as PerAxis,
    stride: block.stride,
    resBlock,
    ...(normName && { normName }),
    ...(actName && { actName }),
    ...(dropout && { dropout }),
    ...INITIAL,
  };
}

/** Features of every level, the finest first. */
function encode(scope: Scope, x: Tensor, blocks: readonly UnetBlockOptions[]): Tensor[] {
  let y = x;
  return blocks.map((block, level) => {
    const name = level === 0 ? 'input_block' : level === blocks.length - 1 ? 'bottleneck' : `downsamples.${level - 1}`;
    y = unetBlock(scope.child(name), y, block);
    return y;
  });
}
