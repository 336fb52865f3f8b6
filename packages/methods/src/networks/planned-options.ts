import type { PlannedMethod } from '@vesalius/medical';
import type { TransUnetPlusPlusOptions } from '../trans-unet-plus-plus/trans-unet-plus-plus.ts';
import type { TransformerOptions } from './plan-network.ts';

/** What a plan says of a TransUNet++, as the network takes it. */
export function transUnetPlusPlusOptions({
  outChannels,
  channels,
  strides,
  options,
}: PlannedMethod): TransUnetPlusPlusOptions {
  const { nest, gate, transformer, deepSupervision, branches, stem, grid, ...tokens } =
    options as unknown as TransformerOptions;
  const pruned = branches === undefined ? {} : { branches };
  const parts = { nest, gate, transformer, deepSupervision, stem, grid, ...pruned };
  return { ...parts, outChannels, strides: strides.slice(1), size: { ...tokens, channels } };
}
