import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { type GeneralizedDiceLossOptions, generalizedDiceLoss } from './generalized-dice-loss.ts';

goldenLossTests<GeneralizedDiceLossOptions>('generalized-dice-loss', ([prediction], { target }, options) =>
  generalizedDiceLoss(prediction, target, options),
);
