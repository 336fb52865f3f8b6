import { VesaliusError } from '@vesalius/errors';

/** Cases whose probabilities fell into one bin; means are NaN in an empty one. */
export interface CalibrationBin {
  readonly meanProbability: number;
  /** The share that was true. */
  readonly meanTruth: number;
  readonly count: number;
}

export interface CalibrationOptions {
  /** Bins of one width from 0 to 1. Default: 20. */
  readonly numBins?: number;
  /** The gap between probability and truth: `expected` weighs bins by their cases (ECE), `average` alike (ACE), `maximum` takes the worst (MCE). */
  readonly calibrationReduction?: 'expected' | 'average' | 'maximum';
}

/**
 * Sorts cases by probability into bins of one width from 0 to 1, as a reliability diagram shows them; a border belongs to the bin below.
 *
 * @param probabilities - of one class, 0 to 1, or of the class predicted
 * @param truth - 1 where that class was right, else 0
 * @throws SHAPE_MISMATCH, INVALID_ARGUMENT for a probability outside of 0 to 1 or no bins
 * @parity monai.metrics.calibration_binning
 */
export function calibrationBinning(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number>,
  numBins = 20,
): CalibrationBin[] {
  if (probabilities.length !== truth.length) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'probabilities',
      got: probabilities.length,
      expected: truth.length,
    });
  }
  if (!Number.isInteger(numBins) || numBins < 1) {
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'numBins', got: numBins, expected: 'at least 1' });
  }
  const sums = Array.from({ length: numBins }, () => ({ probability: 0, truth: 0, count: 0 }));
  for (let i = 0; i < probabilities.length; i++) {
    const bin = sums[binOf(probabilities[i] as number, numBins)] as {
      probability: number;
      truth: number;
      count: number;
    };
    bin.probability += probabilities[i] as number;
    bin.truth += truth[i] as number;
    bin.count++;
  }
  return sums.map(({ probability, truth, count }) => ({
    meanProbability: probability / count,
    meanTruth: truth / count,
    count,
  }));
}

/**
 * How far probabilities are from what they claim, 0 (calibrated) to 1; NaN without cases.
 *
 * @throws SHAPE_MISMATCH, INVALID_ARGUMENT
 * @source Guo et al. 2017, On calibration of modern neural networks
 * @parity monai.metrics.CalibrationErrorMetric
 */
export function computeCalibrationError(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number>,
  options: CalibrationOptions = {},
): number {
  const bins = calibrationBinning(probabilities, truth, options.numBins).filter((bin) => bin.count > 0);
  if (bins.length === 0) return Number.NaN;
  const gaps = bins.map((bin) => Math.abs(bin.meanProbability - bin.meanTruth));
  if (options.calibrationReduction === 'maximum') return Math.max(...gaps);
  const weights = bins.map((bin) =>
    options.calibrationReduction === 'average' ? 1 / bins.length : bin.count / truth.length,
  );
  return gaps.reduce((sum, gap, index) => sum + gap * (weights[index] as number), 0);
}

function binOf(probability: number, numBins: number): number {
  if (!(probability >= 0 && probability <= 1)) {
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'probability', got: probability, expected: '0 to 1' });
  }
  // Borders lie one float32 step higher, so that 0.6, which float32 rounds up, stays in the bin that ends there.
  return Math.max(0, Math.ceil((probability * numBins) / (1 + 2 ** -23)) - 1);
}
