import type { MethodNetworks } from '@vesalius/medical';
import { transUnetPlusPlus } from '../trans-unet-plus-plus/trans-unet-plus-plus.ts';
import { ensembleNetwork } from './ensemble.ts';
import { disentangledNetwork, mmFormerNetwork } from './modality-networks.ts';
import { transUnetPlusPlusOptions } from './planned-options.ts';

/** Networks that a training plan may name, beside UNet and DynUNet. */
export const METHOD_NETWORKS: MethodNetworks = {
  Disentangled: disentangledNetwork,
  Ensemble: (planned) => ensembleNetwork(planned, METHOD_NETWORKS),
  MmFormer: mmFormerNetwork,
  TransUNetPlusPlus: (planned) => {
    const options = transUnetPlusPlusOptions(planned);
    return (scope, x) => ({ logits: transUnetPlusPlus(scope, x, options).logits });
  },
};
