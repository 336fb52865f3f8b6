import { ops as $, dropout, layerNorm, linear, range, type Scope, type Tensor } from '@vesalius/engine';
import { assertInput, assertOption } from './assert-input.ts';
import { patchConvolution } from './patch-projection.ts';
import { type PerAxis, perAxis } from './per-axis.ts';
import { swinBlock } from './swin-block.ts';
import { unetBlock } from './unet-block.ts';

/** Names and defaults are MONAI's. */
export interface SwinTransformerOptions {
  /** Channels of the first stage; they double with every stage. */
  readonly embedDim: number;
  /** Tokens that attend to each other, by axis. */
  readonly windowSize: PerAxis;
  readonly patchSize: PerAxis;
  /** Blocks of every stage; every second one shifts its windows. */
  readonly depths: readonly number[];
  readonly numHeads: readonly number[];
  readonly mlpRatio?: number;
  readonly qkvBias?: boolean;
  readonly dropRate?: number;
  readonly attnDropRate?: number;
  /** Share of the residual branches left out at the last block, rising from 0 at the first. */
  readonly dropPathRate?: number;
  /** Normalises after the patch embedding. */
  readonly patchNorm?: boolean;
  /** Order in which neighbours are joined, and which of them: the first version takes three twice in place of others. */
  readonly downsample?: 'merging' | 'mergingv2';
  /** Puts a residual convolution block before each stage. */
  readonly useV2?: boolean;
}

/**
 * Hierarchical transformer that attends within windows, shifted at every second block.
 *
 * @param x - `[B, C, ...S]`; sizes that patches, windows or halving do not divide are padded with zeros
 * @returns the patch embedding and every stage's output, each normalised over its channels: `[B, embedDim 2^i, ...]`
 * @throws SHAPE_MISMATCH unless there are 2 or 3 spatial axes, INVALID_ARGUMENT when depths and heads do not fit
 * @source Liu et al. 2021, Swin transformer; Hatamizadeh et al. 2022, Swin UNETR
 * @parity monai.networks.nets.swin_unetr.SwinTransformer
 */
export function swinTransformer(scope: Scope, x: Tensor, options: SwinTransformerOptions): Tensor[] {
  const { depths, numHeads, dropRate = 0, dropPathRate = 0 } = options;
  assertInput('swinTransformer', x);
  assertOption(
    depths.length === numHeads.length,
    'swinTransformer: numHeads',
    numHeads.length,
    `${depths.length} stages, as depths`,
  );
  const total = depths.reduce((sum, depth) => sum + depth, 0);
  let y = dropout(scope, embed(scope.child('patch_embed'), x, options), dropRate);
  const outputs = [y];
  let done = 0;
  for (const [i, depth] of depths.entries()) {
    const rates = range(depth, done).map((block) => (total > 1 ? (dropPathRate * block) / (total - 1) : 0));
    y = stage(scope, y, { number: i + 1, numHeads: numHeads[i] as number, rates, options });
    outputs.push(y);
    done += depth;
  }
  return outputs.map((output) => channelsFirst(layerNorm(scope, channelsLast(output), { affine: false })));
}

const channelsLast = (x: Tensor): Tensor => $.transpose(x, [0, ...range(x.shape.length - 2, 2), 1]);
const channelsFirst = (x: Tensor): Tensor => $.transpose(x, [0, x.shape.length - 1, ...range(x.shape.length - 2, 1)]);

/** Zeros after the end of the spatial axes, up to multiples of the sizes. */
function padToMultiples(x: Tensor, sizes: readonly number[], firstAxis: number): Tensor {
  const after = x.shape.map((size, axis) => {
    const multiple = sizes[axis - firstAxis] ?? 1;
    return Math.ceil(size / multiple) * multiple - size;
  });
  return $.pad(
    x,
    x.shape.map(() => 0),
    after,
  );
}

function embed(scope: Scope, x: Tensor, { embedDim, patchSize, patchNorm = false }: SwinTransformerOptions): Tensor {
  const size = perAxis(patchSize, x.shape.length - 2);
  const padded = padToMultiples(x, size, 2);
  const tokens = patchConvolution(scope.child('proj'), padded, { outChannels: embedDim, patchSize: size });
  const normed = patchNorm ? layerNorm(scope.child('norm'), tokens) : tokens;
  const grid = padded.shape.slice(2).map((length, i) => length / (size[i] as number));
  return channelsFirst($.reshape(normed, [x.shape[0] as number, ...grid, embedDim]));
}

interface Stage {
  readonly number: number;
  readonly numHeads: number;
  /** Drop-path rate of every block. */
  readonly rates: readonly number[];
  readonly options: SwinTransformerOptions;
}

function stage(scope: Scope, x: Tensor, { number, numHeads, rates, options }: Stage): Tensor {
  const {
    useV2 = false,
    downsample = 'merging',
    mlpRatio = 4,
    qkvBias = true,
    dropRate = 0,
    attnDropRate = 0,
  } = options;
  const windowSize = perAxis(options.windowSize, x.shape.length - 2);
  const convolution = {
    outChannels: x.shape[1] as number,
    kernelSize: 3,
    resBlock: true,
    normName: 'instance',
  } as const;
  const inner = scope.child(`layers${number}.0`);
  let y = channelsLast(useV2 ? unetBlock(scope.child(`layers${number}c.0.layer`), x, convolution) : x);
  for (const [i, dropPath] of rates.entries()) {
    const shiftSize = windowSize.map((size) => (i % 2 === 0 ? 0 : Math.floor(size / 2)));
    const block = {
      numHeads,
      windowSize,
      shiftSize,
      mlpRatio,
      qkvBias,
      drop: dropRate,
      attnDrop: attnDropRate,
      dropPath,
    };
    y = swinBlock(inner.child(`blocks.${i}`), y, block);
  }
  return channelsFirst(mergePatches(inner.child('downsample'), y, downsample));
}

/** Neighbours of a 2x2x2 cube in the first version's order; 2-D has but one version. */
const CORNERS_3D = {
  merging: ['000', '100', '010', '001', '110', '101', '011', '111'],
  mergingv2: ['000', '001', '010', '011', '100', '101', '110', '111'],
};
const CORNERS_2D = ['00', '10', '01', '11'];

/** Halves the size and doubles the channels: `[B, ...S, C]` -> `[B, ...ceil(S / 2), 2 C]`. */
function mergePatches(scope: Scope, x: Tensor, version: 'merging' | 'mergingv2'): Tensor {
  const axes = x.shape.length - 2;
  const even = padToMultiples(x, perAxis(2, axes), 1);
  const channels = x.shape[axes + 1] as number;
  const sizes = even.shape.map((size, axis) => (axis > 0 && axis <= axes ? size / 2 : size));
  const steps = sizes.map((_, axis) => (axis > 0 && axis <= axes ? 2 : 1));
  const corners = (axes === 2 ? CORNERS_2D : CORNERS_3D[version]).map((corner) => {
    return $.slice(even, [0, ...[...corner].map(Number), 0], sizes, steps);
  });
  const normed = layerNorm(scope.child('norm'), $.concat(corners, axes + 1));
  return linear(scope.child('reduction'), normed, { outFeatures: 2 * channels, bias: false });
}
