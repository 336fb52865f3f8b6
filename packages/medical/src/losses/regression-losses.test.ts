import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { huberLoss, meanAbsoluteError, meanSquaredError, type RegressionLossOptions } from './regression-losses.ts';

for (const [file, loss] of Object.entries({
  'mean-squared-error': meanSquaredError,
  'mean-absolute-error': meanAbsoluteError,
  'huber-loss': huberLoss,
})) {
  goldenLossTests<RegressionLossOptions>(file, ([prediction], { target }, options) =>
    loss(prediction, target, options),
  );
}
