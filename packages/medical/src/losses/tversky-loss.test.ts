import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { type TverskyLossOptions, tverskyLoss } from './tversky-loss.ts';

goldenLossTests<TverskyLossOptions>('tversky-loss', ([prediction], { target }, options) =>
  tverskyLoss(prediction, target, options),
);
