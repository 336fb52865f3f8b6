import {
  ops as $,
  adamW,
  createNetworkBuilder,
  type Program,
  type Scope,
  sgd,
  type Tensor,
  trainingProgram,
  type Variable,
} from '@vesalius/engine';
import { crossEntropy, diceCELoss, dynUnet, vit } from '@vesalius/medical';
import { plainUnet } from './plain-unet.ts';

/** The measured training steps; bench/python/cases.py defines the same for PyTorch. */
export const CASE_NAMES = ['a', 'b', 'c', 'd'] as const;
export type CaseName = (typeof CASE_NAMES)[number];

export interface TrainingCase {
  readonly title: string;
  readonly inputShape: readonly number[];
  readonly targetShape: readonly number[];
  /** The target is a mask of 0 and 1 at 2, class numbers above. */
  readonly classes: number;
  readonly learningRate: number;
  readonly optimizer: Parameters<typeof trainingProgram>[0]['optimizer'];
  loss(scope: Scope, input: Tensor, target: Tensor): Tensor;
}

/** DynUNet of case d, which figure A2 predicts with. */
export function measuredDynUnet(scope: Scope, x: Tensor): Tensor {
  const levels = { kernelSize: [3, 3, 3, 3], strides: [1, 2, 2, 2], filters: [16, 32, 64, 128] };
  const [logits] = dynUnet(scope, x, { outChannels: 3, ...levels });
  return logits as Tensor;
}

/** Binary cross entropy of logits, as softplus(z) - z t. */
function unetLoss(channels: readonly number[]): TrainingCase['loss'] {
  return (scope, input, target) => {
    const logits = plainUnet(scope, input, channels);
    return $.mean($.sub($.softplus(logits), $.mul(logits, target)));
  };
}

const VIT_TINY = {
  patchSize: 16,
  hiddenSize: 192,
  mlpDim: 768,
  numLayers: 12,
  numHeads: 3,
  classification: true,
  numClasses: 1000,
  postActivation: 'none',
  qkvBias: true,
} as const;

export const TRAINING_CASES: Record<CaseName, TrainingCase> = {
  a: {
    title: '2-D U-Net 16-32-64-128 on 8x1x128x128',
    inputShape: [8, 1, 128, 128],
    targetShape: [8, 1, 128, 128],
    classes: 2,
    learningRate: 0.05,
    optimizer: sgd(),
    loss: unetLoss([16, 32, 64, 128]),
  },
  b: {
    title: '3-D U-Net 16-32-64 on 2x1x32x32x32',
    inputShape: [2, 1, 32, 32, 32],
    targetShape: [2, 1, 32, 32, 32],
    classes: 2,
    learningRate: 0.05,
    optimizer: sgd(),
    loss: unetLoss([16, 32, 64]),
  },
  c: {
    title: 'ViT-Tiny/16 on 8x3x224x224',
    inputShape: [8, 3, 224, 224],
    targetShape: [8, 1],
    classes: VIT_TINY.numClasses,
    learningRate: 1e-3,
    optimizer: adamW({ weightDecay: 0.05 }),
    loss: (scope, input, target) => crossEntropy(vit(scope, input, VIT_TINY).output, target),
  },
  d: {
    title: 'DynUNet 16-32-64-128 on 2x1x48x64x48',
    inputShape: [2, 1, 48, 64, 48],
    targetShape: [2, 1, 48, 64, 48],
    classes: 3,
    learningRate: 0.01,
    optimizer: sgd({ momentum: 0.99, nesterov: true, weightDecay: 3e-5 }),
    loss: (scope, input, target) =>
      diceCELoss(measuredDynUnet(scope, input), target, { softmax: true, toOnehotY: true }),
  },
};

/** The step as a program with inputs `input` and `target`. */
export function trainingStep({ inputShape, targetShape, optimizer, loss }: TrainingCase): {
  program: Program;
  variables: readonly Variable[];
} {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const value = loss(scope, $.input('input', inputShape), $.input('target', targetShape));
  return { program: trainingProgram({ loss: value, variables: variables(), optimizer }), variables: variables() };
}
