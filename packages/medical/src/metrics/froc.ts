import { VesaliusError } from '@vesalius/errors';

export interface DetectionScores {
  /** Scores of detections that hit nothing, over all images. */
  readonly fpProbs: Float64Array;
  /** The best score that each target got; 0 for one that was missed. */
  readonly tpProbs: Float64Array;
}

/** From the most false positives to none. */
export interface FrocCurve {
  readonly fpsPerImage: number[];
  readonly totalSensitivity: number[];
}

/**
 * Parts detections into false ones and the best of each target.
 *
 * @param probs - score of each detection
 * @param hits - the target that each lies in, from 1 to `numTargets`, or 0 for none
 * @throws SHAPE_MISMATCH, LABEL_OUT_OF_RANGE
 * @parity monai.metrics.compute_fp_tp_probs_nd
 */
export function computeFpTpProbs(
  probs: ArrayLike<number>,
  hits: ArrayLike<number>,
  numTargets: number,
): DetectionScores {
  if (probs.length !== hits.length) {
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'hits', got: hits.length, expected: probs.length });
  }
  const missed: number[] = [];
  const tpProbs = new Float64Array(numTargets);
  for (let i = 0; i < probs.length; i++) {
    const [prob, target] = [probs[i] as number, hits[i] as number];
    if (!(target >= 0 && target <= numTargets)) {
      throw new VesaliusError('LABEL_OUT_OF_RANGE', {
        what: `target of detection ${i}`,
        got: target,
        expected: `0 to ${numTargets}`,
      });
    }
    if (target === 0) missed.push(prob);
    else tpProbs[target - 1] = Math.max(tpProbs[target - 1] as number, prob);
  }
  return { fpProbs: Float64Array.from(missed), tpProbs };
}

/**
 * Sensitivity against false positives an image, at every threshold but the lowest: the free-response ROC curve.
 *
 * @source Bunch et al. 1978, A free-response approach to the measurement and characterization of radiographic-observer performance
 * @parity monai.metrics.compute_froc_curve_data
 */
export function computeFrocCurveData(
  { fpProbs, tpProbs }: DetectionScores,
  counts: { readonly numTargets: number; readonly numImages: number },
): FrocCurve {
  const fps = fpProbs.slice().sort();
  const tps = tpProbs.slice().sort();
  const thresholds = [...new Set([...fps, ...tps])].sort((a, b) => a - b).slice(1);
  const curve: FrocCurve = { fpsPerImage: [], totalSensitivity: [] };
  let [belowFp, belowTp] = [0, 0];
  for (const threshold of [...thresholds, Infinity]) {
    while (belowFp < fps.length && (fps[belowFp] as number) < threshold) belowFp++;
    while (belowTp < tps.length && (tps[belowTp] as number) < threshold) belowTp++;
    curve.fpsPerImage.push((fps.length - belowFp) / counts.numImages);
    curve.totalSensitivity.push((tps.length - belowTp) / counts.numTargets);
  }
  return curve;
}

/**
 * The mean sensitivity at given numbers of false positives an image, as detection challenges rank by.
 *
 * @parity monai.metrics.compute_froc_score
 */
export function computeFrocScore(
  { fpsPerImage, totalSensitivity }: FrocCurve,
  evalThresholds: readonly number[] = [0.25, 0.5, 1, 2, 4, 8],
): number {
  const sensitivities = evalThresholds.map((fps) => {
    // The curve runs downwards: the last point that still has more false positives, and the next one.
    const right = fpsPerImage.findIndex((value) => value <= fps);
    const [high, low] = [fpsPerImage[right - 1], fpsPerImage[right] as number];
    const sensitivity = totalSensitivity[right] as number;
    if (high === undefined) return sensitivity;
    return sensitivity + ((fps - low) / (high - low)) * ((totalSensitivity[right - 1] as number) - sensitivity);
  });
  return sensitivities.reduce((sum, value) => sum + value, 0) / sensitivities.length;
}
