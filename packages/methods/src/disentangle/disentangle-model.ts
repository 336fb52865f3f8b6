import { ops as $, range, type Scope, type Tensor } from '@vesalius/engine';
import type { ModalityInputs, ModalityModel } from '../modalities/modality-model.ts';
import { superviseLevels } from '../modalities/supervise.ts';
import { appearanceDivergence } from './codes.ts';
import { groupContrast } from './contrast.ts';
import { type DisentangleOptions, type DisentangleResult, disentangle } from './disentangle.ts';
import { reverseGradient } from './gradient-reversal.ts';
import { modalityClassifier, modalitySurprise } from './modality-classifier.ts';

export interface DisentangleModelOptions extends DisentangleOptions {
  /**
   * What keeps modalities out of the content: a classifier that content learns to mislead, or a contrast between patients, which needs two
   * samples in a batch; or nothing, and nothing is made again either: gated fusion alone.
   */
  readonly variant?: 'adversarial' | 'contrastive' | 'none';
  /** Of the absolute differences between images and those made again; 0.5 by default. */
  readonly reconstructionWeight?: number;
  /** Of the appearances' divergence from a normal distribution; 0.001 by default. */
  readonly divergenceWeight?: number;
  /** Of the classifier's or the contrast's loss; 0.1 by default. */
  readonly separationWeight?: number;
  /**
   * Of the squared differences between the contents of a sample's modalities, which show the same place: what is shared is pulled together;
   * 30 by default. Codes say what is above the mean of an image, so that they cannot agree by being the same everywhere.
   */
  readonly sharingWeight?: number;
  /** By which factor what the classifier learns is unlearned by the content; 1 by default. */
  readonly reversal?: number;
}

/**
 * Disentanglement with its losses. Readings: `gates` `[B, M]`.
 *
 * @throws INVALID_ARGUMENT for the contrastive variant with one sample a batch
 * @source Chen et al. 2019; Ganin and Lempitsky 2015; Khosla et al. 2020 for the contrastive variant
 */
export function disentangleModel(options: DisentangleModelOptions): ModalityModel {
  return (scope, inputs) => {
    const result = disentangle(scope, inputs, options);
    const answer = { logits: result.logits[0] as Tensor, readings: { gates: result.gates } };
    if (!inputs.label) return answer;
    const segmentation = superviseLevels(result.logits, inputs.label, 'same');
    if (options.variant === 'none') return { ...answer, loss: segmentation };
    return { ...answer, loss: $.add(segmentation, disentanglementLoss(scope, { inputs, result }, options)) };
  };
}

/** What takes content and appearance apart, while training: a scalar that needs no labels. */
export function disentanglementLoss(
  scope: Scope,
  { inputs, result }: { readonly inputs: ModalityInputs; readonly result: DisentangleResult },
  options: Omit<DisentangleModelOptions, 'outChannels'>,
): Tensor {
  const { reconstructionWeight = 0.5, divergenceWeight = 0.001, separationWeight = 0.1, sharingWeight = 30 } = options;
  const parts = [
    $.mul(reconstructionLoss(inputs, result), reconstructionWeight),
    $.mul(
      result.appearance.map(appearanceDivergence).reduce((a, b) => $.add(a, b)),
      divergenceWeight,
    ),
    $.mul(sharingLoss(result), sharingWeight),
    $.mul(separationLoss(scope.child('separation'), result, options), separationWeight),
  ];
  return parts.map((part) => $.reshape(part, [])).reduce((a, b) => $.add(a, b));
}

/** Over all modalities, also those that were hidden from the fusion: a cycle without going round. */
function reconstructionLoss({ image }: ModalityInputs, { reconstruction }: DisentangleResult): Tensor {
  const made = reconstruction as Tensor;
  const count = image.shape[1] as number;
  const wanted = $.concat(
    range(count).map((m) => $.sliceAxis(image, 1, m, m + 1)),
    0,
  );
  const factor = (wanted.shape[2] as number) / (made.shape[2] as number);
  const target = factor === 1 ? wanted : $.averagePool(wanted, factor);
  return $.mean($.abs($.sub(made, target)));
}

/** How far the contents of all modalities are from their mean, over levels: 0 where they are one, a quarter at most. */
function sharingLoss({ content }: DisentangleResult): Tensor {
  const levels = range((content[0] as readonly Tensor[]).length).map((level) => {
    const codes = content.map((one) => one[level] as Tensor);
    const middle = $.div(
      codes.reduce((a, b) => $.add(a, b)),
      codes.length,
    );
    const apart = codes.map((code) => $.mean($.square($.sub(code, middle)))).reduce((a, b) => $.add(a, b));
    return $.reshape($.div(apart, codes.length), []);
  });
  return $.div(
    levels.reduce((a, b) => $.add(a, b)),
    levels.length,
  );
}

function separationLoss(
  scope: Scope,
  { content, appearance }: DisentangleResult,
  { variant = 'adversarial', reversal = 1 }: Omit<DisentangleModelOptions, 'outChannels'>,
): Tensor {
  const classes = content.length;
  const looks = $.concat(
    appearance.map(({ mean }) => mean),
    0,
  );
  const levels = range((content[0] as readonly Tensor[]).length).map((level) =>
    $.concat(
      content.map((one) => one[level] as Tensor),
      0,
    ),
  );
  if (variant === 'contrastive') {
    const batch = (looks.shape[0] as number) / classes;
    const row = (of: (m: number, b: number) => number) =>
      range(classes * batch).map((i) => of(Math.floor(i / batch), i % batch));
    const anatomy = groupContrast(
      embeddingOf(scope, levels),
      row((_, b) => b),
    );
    return $.add(
      anatomy,
      groupContrast(
        looks,
        row((m) => m),
      ),
    );
  }
  const misled = modalityClassifier(
    scope.child('content'),
    levels.map((level) => reverseGradient(level, reversal)),
    { classes },
  );
  return $.add(
    modalitySurprise(misled),
    modalitySurprise(modalityClassifier(scope.child('appearance'), [looks], { classes })),
  );
}

/** A vector for the content of each image. */
function embeddingOf(scope: Scope, levels: readonly Tensor[]): Tensor {
  return modalityClassifier(scope.child('embedding'), levels, { classes: 16 });
}
