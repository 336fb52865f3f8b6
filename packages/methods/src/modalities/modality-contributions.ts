import type { InferenceImage } from '@vesalius/medical';
import type { ModalityPrediction, ModalityPredictor } from './modality-predictor.ts';

export interface ModalityContributions extends ModalityPrediction {
  /**
   * Of each modality, how much of what was found changes where it is taken away: 1 less the Dice score of all that is not background with
   * and without it, 0 to 1; 1 for one that stands alone, 0 for one that was not there. Needs no truth, and says nothing of better or worse.
   */
  readonly leaveOneOut: readonly number[];
}

/** A prediction, and what each modality that is there has to do with it: the model's own readings, and leaving each out in turn. */
export async function predictWithContributions(
  predictor: ModalityPredictor,
  image: InferenceImage,
  mask: readonly number[],
): Promise<ModalityContributions> {
  const whole = await predictor.predict(image, mask);
  const found = foregroundOf(whole, image);
  const leaveOneOut: number[] = [];
  for (const [m, there] of mask.entries()) {
    const others = mask.with(m, 0);
    if (there === 0) leaveOneOut.push(0);
    else if (others.every((other) => other === 0)) leaveOneOut.push(1);
    else leaveOneOut.push(1 - agreement(found, foregroundOf(await predictor.predict(image, others), image)));
  }
  return { ...whole, leaveOneOut };
}

/** 1 where some class is more probable than the background, which is class 0. */
function foregroundOf({ probabilities }: ModalityPrediction, { shape: [, ...size] }: InferenceImage): Uint8Array {
  const voxels = size.reduce((product, length) => product * length, 1);
  const found = new Uint8Array(voxels);
  for (let at = voxels; at < probabilities.length; at++)
    if ((probabilities[at] as number) > (probabilities[at % voxels] as number)) found[at % voxels] = 1;
  return found;
}

function agreement(a: Uint8Array, b: Uint8Array): number {
  let [both, total] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    both += (a[i] as number) * (b[i] as number);
    total += (a[i] as number) + (b[i] as number);
  }
  return total === 0 ? 1 : (2 * both) / total;
}
