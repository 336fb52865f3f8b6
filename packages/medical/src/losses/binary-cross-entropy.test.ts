import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { type BinaryCrossEntropyOptions, binaryCrossEntropyWithLogits } from './binary-cross-entropy.ts';

goldenLossTests<BinaryCrossEntropyOptions>('binary-cross-entropy', ([prediction], { target }, options) =>
  binaryCrossEntropyWithLogits(prediction, target, options),
);
