import {
  ops as $,
  convolutionLayer,
  range,
  type Scope,
  type Tensor,
  transposedConvolutionLayer,
} from '@vesalius/engine';
import { assertInput, assertOption } from './assert-input.ts';
import { type BasicUNetOptions, twoConvolutions } from './basic-unet.ts';

/** Names and defaults are MONAI's. */
export interface BasicUNetPlusPlusOptions extends BasicUNetOptions {
  readonly deepSupervision?: boolean;
}

/**
 * U-Net of five levels with nodes between encoder and decoder, each fed by all of its level before it.
 *
 * @param x - `[B, C, ...S]`, each size a multiple of 16
 * @returns logits `[B, outChannels, ...S]`; under deep supervision followed by those of the branches before the last,
 *   the deepest first (MONAI gives the last at the end)
 * @throws SHAPE_MISMATCH for another size, INVALID_ARGUMENT unless there are six features
 * @source Zhou et al. 2018, UNet++
 * @parity monai.networks.nets.BasicUNetPlusPlus
 */
export function basicUnetPlusPlus(scope: Scope, x: Tensor, options: BasicUNetPlusPlusOptions = {}): Tensor[] {
  const { outChannels = 2, features = [32, 32, 64, 128, 256, 32], deepSupervision = false } = options;
  assertOption(features.length === 6, 'basicUnetPlusPlus: features', features.length, '6');
  assertInput('basicUnetPlusPlus', x, [2, 2, 2, 2]);
  const rows: Tensor[][] = [[twoConvolutions(scope.child('conv_0_0'), x, features[0] as number, options)]];
  const row = (level: number): Tensor[] => rows[level] as Tensor[];
  for (let level = 1; level < 5; level++) {
    const pooled = $.maxPool(row(level - 1)[0] as Tensor, 2);
    rows.push([twoConvolutions(scope.child(`conv_${level}_0.convs`), pooled, features[level] as number, options)]);
  }
  for (let column = 1; column < 5; column++) {
    for (let level = 4 - column; level >= 0; level--) {
      const inner = scope.child(`upcat_${level}_${column}`);
      const coarser = row(level + 1)[column - 1] as Tensor;
      const narrow = (features[level + 1] as number) / (level === 0 ? 1 : 2);
      const up = { outChannels: narrow, kernelSize: 2, stride: 2 };
      const larger = transposedConvolutionLayer(inner.child('upsample.deconv'), coarser, up);
      const width = features[column === 4 ? 5 : level] as number;
      row(level).push(twoConvolutions(inner.child('convs'), $.concat([...row(level), larger], 1), width, options));
    }
  }
  const branches = deepSupervision ? range(4).map((i) => 4 - i) : [4];
  return branches.map((branch) =>
    convolutionLayer(scope.child(`final_conv_0_${branch}`), row(0)[branch] as Tensor, { outChannels, kernelSize: 1 }),
  );
}
