import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.ts';

goldenLossTests<CrossEntropyOptions>('cross-entropy', ([prediction], { target }, options) =>
  crossEntropy(prediction, target, options),
);
