import { ops as $, type Scope, type Tensor } from '@vesalius/engine';
import { buildNetwork, type NetworkSetup } from '@vesalius/medical';
import { type ModalityInputs, type ModalityModel, modalityOf } from './modality-model.ts';
import { superviseLevels } from './supervise.ts';

/** A U-Net whose channels are the modalities; zeros stand for those that are not there. The baseline. */
export function earlyFusion(network: NetworkSetup): ModalityModel {
  return (scope: Scope, inputs: ModalityInputs) => {
    const count = inputs.mask.shape[1] as number;
    const channels = Array.from({ length: count }, (_, m) => modalityOf(inputs, m));
    const { logits } = buildNetwork(scope, $.concat(channels, 1), network);
    const { label } = inputs;
    return { logits: logits[0] as Tensor, ...(label && { loss: superviseLevels(logits, label, 'same') }) };
  };
}
