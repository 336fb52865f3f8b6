import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { type DiceCELossOptions, diceCELoss } from './dice-ce-loss.ts';

goldenLossTests<DiceCELossOptions>('dice-ce-loss', ([prediction], { target }, options) =>
  diceCELoss(prediction, target, options),
);
