import type { MethodNetworks } from '@vesalius/medical';
import { transUnetPlusPlus } from '../trans-unet-plus-plus/trans-unet-plus-plus.ts';
import { ensembleNetwork } from './ensemble.ts';
import type { TransformerOptions } from './plan-network.ts';

/** Networks that a training plan may name, beside UNet and DynUNet. */
export const METHOD_NETWORKS: MethodNetworks = {
  Ensemble: (planned) => ensembleNetwork(planned, METHOD_NETWORKS),
  TransUNetPlusPlus: ({ outChannels, channels, strides, options }) => {
    const { nest, gate, transformer, deepSupervision, stem, grid, ...tokens } =
      options as unknown as TransformerOptions;
    const chosen = { nest, gate, transformer, deepSupervision, stem, grid, outChannels, strides: strides.slice(1) };
    return (scope, x) => transUnetPlusPlus(scope, x, { ...chosen, size: { ...tokens, channels } }).logits;
  },
};
