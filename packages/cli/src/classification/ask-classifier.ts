import { ops as $, type Scope, type Tensor } from '@vesalius/engine';
import { type ClassificationReport, classificationReport, createImageRunner } from '@vesalius/medical';
import { transferNetwork } from '@vesalius/methods';
import type { ClassificationData } from './classification-data.ts';
import { type ClassifierModel, networkOf } from './classifier-model.ts';
import { preparePictures } from './prepare-pictures.ts';

const BATCH = 8;

/** Probabilities `[N, classes]` of pictures. */
export async function askClassifier(
  { card, weights }: ClassifierModel,
  pictures: ClassificationData['pictures'],
  threads: number,
): Promise<Float32Array> {
  const { side, channels } = card.preparation;
  const { prefix, suffix } = transferNetwork(networkOf(card));
  const network = (scope: Scope, x: Tensor): Tensor => $.softmax(suffix(scope, prefix ? prefix(scope, x) : x), 1);
  const runner = await createImageRunner(
    { network, imageShape: [channels, side, side], batchSize: BATCH },
    { threads },
  );
  const answers = await runner.run(weights, preparePictures(pictures, card.preparation));
  await runner.close();
  return answers;
}

/** A report for each class against the others; of two classes one, of the second. */
export function reportsOf(
  data: Pick<ClassificationData, 'classes' | 'labels' | 'patients' | 'groups'>,
  probabilities: ArrayLike<number>,
): Record<string, ClassificationReport> {
  const { classes, labels, patients, groups } = data;
  const asked = classes.length === 2 ? [1] : classes.map((_, c) => c);
  const reports = asked.map((c) => {
    const own = Array.from(labels, (_, n) => probabilities[n * classes.length + c] as number);
    const truth = Array.from(labels, (label) => (label === c ? 1 : 0));
    return [
      classes[c] as string,
      classificationReport({ probabilities: own, truth, groups, ...(patients && { patients }) }),
    ];
  });
  return Object.fromEntries(reports) as Record<string, ClassificationReport>;
}
