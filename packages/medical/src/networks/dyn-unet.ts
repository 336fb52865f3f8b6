import { ops as $, kaimingNormal, type Scope, type Tensor } from '@vesalius/engine';
import { type Act, activate } from './activate.ts';
import { assertInput, assertOption } from './assert-input.ts';
import { convolutionBlock } from './convolution-block.ts';
import { type Norm, normalize } from './normalize.ts';
import { type PerAxis, perAxis } from './per-axis.ts';

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
  const { strides, kernelSize, outChannels, deepSupervision = false, deepSuprNum = 1, dropout = 0 } = options;
  checkLevels(options);
  assertInput('dynUnet', x, strides);
  const filters = filtersOf(options, x.shape.length - 2);
  const skips = encode(scope, x, { ...options, filters });
  const ups = options.upsampleKernelSize ?? strides.slice(1);
  let y = skips.at(-1) as Tensor;
  const decoded: Tensor[] = [];
  for (let level = strides.length - 2; level >= 0; level--) {
    const up = {
      kernelSize: kernelSize[level + 1] as PerAxis,
      filters: filters[level] as number,
      up: ups[level] as PerAxis,
    };
    y = upBlock(scope.child(`upsamples.${strides.length - 2 - level}`), [y, skips[level] as Tensor], {
      ...up,
      network: options,
    });
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

/** Features of every level, the finest first. */
function encode(scope: Scope, x: Tensor, network: DynUNetOptions & { filters: readonly number[] }): Tensor[] {
  const last = network.strides.length - 1;
  let y = x;
  return network.strides.map((stride, level) => {
    const name = level === 0 ? 'input_block' : level === last ? 'bottleneck' : `downsamples.${level - 1}`;
    const block = {
      kernelSize: network.kernelSize[level] as PerAxis,
      stride,
      filters: network.filters[level] as number,
      network,
    };
    y = network.resBlock ? residualBlock(scope.child(name), y, block) : basicBlock(scope.child(name), y, block);
    return y;
  });
}

interface Block {
  readonly kernelSize: PerAxis;
  readonly stride: PerAxis;
  readonly filters: number;
  readonly network: DynUNetOptions;
}

function convolve(scope: Scope, x: Tensor, { kernelSize, stride, filters, network }: Block): Tensor {
  const axes = x.shape.length - 2;
  const strides = perAxis(stride, axes);
  const padding = perAxis(kernelSize, axes).map((k, i) => Math.trunc((k - (strides[i] as number) + 1) / 2));
  assertOption(
    padding.every((p) => p >= 0),
    'dynUnet: kernelSize',
    kernelSize,
    `at least the stride ${strides} less 1`,
  );
  const { dropout = 0 } = network;
  return convolutionBlock(scope, x, {
    outChannels: filters,
    kernelSize,
    strides,
    padding,
    bias: false,
    dropout,
    ...INITIAL,
  });
}

function norm(scope: Scope, x: Tensor, { network: { normName = { name: 'instance', affine: true } } }: Block): Tensor {
  return normalize(scope, x, normName);
}

function act(scope: Scope, x: Tensor, { network: { actName = 'leakyrelu' } }: Block): Tensor {
  return activate(scope.child('lrelu'), x, actName);
}

function basicBlock(scope: Scope, x: Tensor, block: Block): Tensor {
  const first = act(scope, norm(scope.child('norm1'), convolve(scope.child('conv1'), x, block), block), block);
  const second = convolve(scope.child('conv2'), first, { ...block, stride: 1 });
  return act(scope, norm(scope.child('norm2'), second, block), block);
}

function residualBlock(scope: Scope, x: Tensor, block: Block): Tensor {
  const first = act(scope, norm(scope.child('norm1'), convolve(scope.child('conv1'), x, block), block), block);
  const second = norm(scope.child('norm2'), convolve(scope.child('conv2'), first, { ...block, stride: 1 }), block);
  const changes = x.shape[1] !== block.filters || perAxis(block.stride, x.shape.length - 2).some((s) => s !== 1);
  const shortcut = changes
    ? norm(scope.child('norm3'), convolve(scope.child('conv3'), x, { ...block, kernelSize: 1 }), block)
    : x;
  return act(scope, $.add(second, shortcut), block);
}

interface UpBlock {
  readonly kernelSize: PerAxis;
  readonly filters: number;
  /** Kernel and stride of the transposed convolution. */
  readonly up: PerAxis;
  readonly network: DynUNetOptions;
}

function upBlock(
  scope: Scope,
  [x, skip]: readonly [Tensor, Tensor],
  { kernelSize, filters, up, network }: UpBlock,
): Tensor {
  const { transBias = false, dropout = 0 } = network;
  const transposed = {
    outChannels: filters,
    kernelSize: up,
    strides: up,
    padding: 0,
    outputPadding: 0,
    bias: transBias,
    dropout,
  };
  const larger = convolutionBlock(scope.child('transp_conv'), x, { ...transposed, isTransposed: true, ...INITIAL });
  return basicBlock(scope.child('conv_block'), $.concat([larger, skip], 1), {
    kernelSize,
    stride: 1,
    filters,
    network,
  });
}
