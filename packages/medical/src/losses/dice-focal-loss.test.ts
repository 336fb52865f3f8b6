import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import {
  type DiceFocalLossOptions,
  diceFocalLoss,
  type GeneralizedDiceFocalLossOptions,
  generalizedDiceFocalLoss,
} from './dice-focal-loss.ts';

goldenLossTests<DiceFocalLossOptions>('dice-focal-loss', ([prediction], { target }, options) =>
  diceFocalLoss(prediction, target, options),
);
goldenLossTests<GeneralizedDiceFocalLossOptions>('generalized-dice-focal-loss', ([prediction], { target }, options) =>
  generalizedDiceFocalLoss(prediction, target, options),
);
