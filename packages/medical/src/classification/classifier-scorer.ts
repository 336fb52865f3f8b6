import { ops as $, type RuntimeOptions } from '@vesalius/engine';
import { createImageRunner, type ImageRunnerSetup } from './image-runner.ts';
import type { LabelledImages } from './labelled-images.ts';

/** The network gives logits `[B, classes]`. */
export type ScorerSetup = ImageRunnerSetup;

/** Asks a classifier. */
export interface ClassifierScorer {
  /** Probabilities `[N, classes]` under these weights. @throws CHECKPOINT_MISMATCH when they belong to another network */
  score(weights: ReadonlyMap<string, Float32Array>, images: Pick<LabelledImages, 'images'>): Promise<Float32Array>;
  close(): Promise<void>;
}

export async function createClassifierScorer(
  setup: ScorerSetup,
  options: RuntimeOptions = {},
): Promise<ClassifierScorer> {
  const runner = await createImageRunner(
    { ...setup, network: (scope, x) => $.softmax(setup.network(scope, x), 1) },
    options,
  );
  return {
    score: (weights, { images }) => runner.run(weights, images),
    close: () => runner.close(),
  };
}
