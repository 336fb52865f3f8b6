import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { type DiceLossOptions, diceLoss } from './dice-loss.ts';

goldenLossTests<DiceLossOptions>('dice-loss', ([prediction], { target }, options) =>
  diceLoss(prediction, target, options),
);
