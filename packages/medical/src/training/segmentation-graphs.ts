import {
  ops as $,
  adamW,
  createNetworkBuilder,
  type Optimizer,
  type Program,
  range,
  type Scope,
  sgd,
  type Tensor,
  trainingProgram,
  type Variable,
} from '@vesalius/engine';
import { guidanceChannels } from '../interactive/guidance.ts';
import { deepSupervisionLoss } from '../losses/deep-supervision-loss.ts';
import { diceCELoss } from '../losses/dice-ce-loss.ts';
import { diceLoss } from '../losses/dice-loss.ts';
import { rarityWeightedLoss } from '../losses/rarity-weighted-loss.ts';
import { dynUnet } from '../networks/dyn-unet.ts';
import { unet } from '../networks/unet.ts';
import type { Size } from '../transforms/sample.ts';
import type { NetworkAnswer, NetworkSetup, OptimizerSetup, SegmentationSetup } from './training-setup.ts';

export function buildNetwork(scope: Scope, x: Tensor, network: NetworkSetup): NetworkAnswer {
  if (network.name === 'Method') return network.build(scope, x);
  return {
    logits: network.name === 'DynUNet' ? dynUnet(scope, x, network.options) : [unet(scope, x, network.options)],
  };
}

/** A depth of 1 stands for a 2-D image, whose network has two spatial axes. */
export function spatialShape([depth, height, width]: Size): number[] {
  return depth === 1 ? [height, width] : [depth, height, width];
}

export interface TrainingGraph {
  readonly program: Program;
  readonly variables: readonly Variable[];
}

/**
 * One step of supervised segmentation. Feeds: `image` `[B, C, ...S]`, `label` `[B, 1, ...S]` float32 class numbers.
 * Outputs: `loss`, `gradient_norm`, `dice` (soft, over the foreground classes of the batch). A network that follows clicks is also fed
 * `guidance` `[B, 2 K, ...S]` and gives its `probabilities` `[B, K, ...S]`.
 */
export function buildTrainingGraph(setup: SegmentationSetup): TrainingGraph {
  const { network, channels, classes, batchSize, patchSize, optimizer, clipNorm, emaDecay, interaction, precision } =
    setup;
  const { scope, variables } = createNetworkBuilder({ training: true });
  const space = spatialShape(patchSize);
  const image = $.input('image', [batchSize, channels, ...space]);
  const label = $.input('label', [batchSize, 1, ...space]);
  const guidance = interaction && $.input('guidance', [batchSize, guidanceChannels(classes), ...space]);
  const answer = buildNetwork(scope, guidance ? $.concat([image, guidance], 1) : image, network);
  const [logits] = answer.logits as [Tensor];
  const loss = answerLoss(answer, label, setup.loss ? rarityWeightedLoss : diceAndEntropy);
  const overlap = { softmax: true, toOnehotY: true, includeBackground: false, batch: true };
  const dice = $.sub(1, diceLoss(logits, label, overlap));
  const program = trainingProgram({
    loss,
    variables: variables(),
    optimizer: createOptimizer(optimizer),
    clipNorm,
    emaDecay,
    ...(precision && { precision }),
    outputs: {
      dice: $.reshape(dice, []),
      ...(interaction && { probabilities: $.softmax(logits, 1) }),
    },
  });
  return { program, variables: variables() };
}

function diceAndEntropy(prediction: Tensor, target: Tensor): Tensor {
  return diceCELoss(prediction, target, { softmax: true, toOnehotY: true, includeBackground: false, batch: true });
}

/** Further answers weigh together as much as the answer itself. */
function answerLoss(
  { logits, auxiliary = [], penalty }: NetworkAnswer,
  label: Tensor,
  part: (prediction: Tensor, target: Tensor) => Tensor,
): Tensor {
  const supervised = deepSupervisionLoss(logits, label, { loss: part, normalize: true });
  const loss = penalty ? $.add(supervised, penalty) : supervised;
  const [finest] = auxiliary;
  if (!finest) return loss;
  const [all = 1] = finest.shape;
  const labels = $.concat(
    range(all / (label.shape[0] as number)).map(() => label),
    0,
  );
  return $.add(loss, deepSupervisionLoss(auxiliary, labels, { loss: part, normalize: true }));
}

function createOptimizer(setup: OptimizerSetup): Optimizer {
  return setup.name === 'AdamW' ? adamW(setup) : sgd(setup);
}

type PredictionSetup = Pick<SegmentationSetup, 'network' | 'channels' | 'classes' | 'interaction'>;

/**
 * The trained network on one window: feed `image` `[1, C, ...S]`, output `probabilities` `[1, K, ...S]`. Weights are states.
 *
 * @param options - `guided`: a network that follows clicks is fed `guidance` `[1, 2 K, ...S]` too; else it sees none
 */
export function buildPredictionGraph(
  setup: PredictionSetup,
  roiSize: Size,
  { guided = false }: { readonly guided?: boolean } = {},
): TrainingGraph {
  const { scope, variables } = createNetworkBuilder();
  const space = spatialShape(roiSize);
  const image = $.input('image', [1, setup.channels, ...space]);
  const count = setup.interaction ? guidanceChannels(setup.classes) : 0;
  const none = $.mul($.sliceAxis(image, 1, 0, 1), 0);
  const guidance = guided ? [$.input('guidance', [1, count, ...space])] : Array.from({ length: count }, () => none);
  const { logits } = buildNetwork(scope, count === 0 ? image : $.concat([image, ...guidance], 1), setup.network);
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  return { program: { outputs: { probabilities: $.softmax(logits[0] as Tensor, 1) }, states }, variables: variables() };
}
