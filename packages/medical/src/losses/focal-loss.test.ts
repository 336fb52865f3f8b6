import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { type FocalLossOptions, focalLoss } from './focal-loss.ts';

goldenLossTests<FocalLossOptions>('focal-loss', ([prediction], { target }, options) =>
  focalLoss(prediction, target, options),
);
