import {
  ops as $,
  filledWith,
  type LinearOptions,
  layerNorm,
  linear,
  normal,
  range,
  type Scope,
  type Tensor,
  truncatedNormal,
  zeros,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { embedPatches, type VisionTransformerOptions, visionTransformerBlock } from '@vesalius/medical';
import { convolutionalTransfer } from './convolutional-transfer.ts';

/**
 * What of a pre-trained network is trained anew; all but `full` and `linear-probe` are a vision transformer's.
 *
 * - `head-3`: the last three layers in the sense of toolboxes: final norm, pre-logits, classifier, all of them new
 * - `blocks-3`: the last three encoder blocks, the final norm and a new classifier
 * - `full`: everything
 * - `linear-probe`: a new classifier alone
 * - `lora`: low-rank changes of the attention's matrices, and a new classifier
 * - `prompts`: learned tokens in every block, and a new classifier
 */
export type TransferMethod = (typeof TRANSFER_METHODS)[number];

export const TRANSFER_METHODS = ['head-3', 'blocks-3', 'full', 'linear-probe', 'lora', 'prompts'] as const;

interface TransformerOptions {
  readonly method: TransferMethod;
  readonly transformer: VisionTransformerOptions;
  readonly numClasses: number;
  /** Of the low-rank changes, 8 by default. */
  readonly rank?: number;
  /** Learned tokens a block, 8 by default. */
  readonly prompts?: number;
}

/** A convolutional network in the place of a transformer. */
export interface ConvolutionalOptions {
  readonly method: TransferMethod;
  readonly convolutional: 'mobilenet-v2';
  readonly numClasses: number;
}

export type TransferOptions = TransformerOptions | ConvolutionalOptions;

/** A classifier in two parts: what is computed once of every image, and what is trained on it. */
export interface TransferNetwork {
  /** From images `[B, C, H, W]` to what is kept of them; absent where the first layers are trained too. */
  readonly prefix?: (scope: Scope, x: Tensor) => Tensor;
  /** From what the prefix gives, or from images, to logits `[B, numClasses]`. */
  readonly suffix: (scope: Scope, x: Tensor) => Tensor;
  /** Which of the suffix's parameters stay as they are. */
  readonly frozen: (name: string) => boolean;
  /** Which of its parameters begin anew and not with the pre-trained values. */
  readonly replaced: (name: string) => boolean;
}

const LAST = 3;
const HEAD = /^(head|pre_logits)\./;
const EPSILON = 1e-6;

/** @throws INVALID_ARGUMENT for a method that the network has not */
export function transferNetwork(options: TransferOptions): TransferNetwork {
  return 'transformer' in options ? transformerTransfer(options) : convolutionalTransfer(options);
}

/**
 * A vision transformer to be transferred to a classification of images. The classifier takes the class token beside the mean of the
 * patches' tokens, as DINOv2 is evaluated.
 *
 * @throws INVALID_ARGUMENT for blocks-3 of fewer than three blocks
 */
function transformerTransfer(options: TransformerOptions): TransferNetwork {
  const { method, transformer } = options;
  const { depth } = transformer;
  const anew = (name: string): boolean => HEAD.test(name) || ADDED.test(name);
  const classify = (scope: Scope, pooled: Tensor): Tensor => classifier(scope, pooled, options.numClasses);
  const whole = (scope: Scope, x: Tensor): Tensor =>
    normedAndPooled(scope, encoded(scope, embedPatches(scope, x, transformer), { to: depth, ...options }), transformer);
  switch (method) {
    case 'head-3':
      return {
        prefix: (scope, x) =>
          standardizedPair(encoded(scope, embedPatches(scope, x, transformer), { to: depth, ...options }), transformer),
        suffix: (scope, pair) => classify(scope, preLogits(scope, pair)),
        frozen: () => false,
        replaced: () => true,
      };
    case 'linear-probe':
      return { prefix: whole, suffix: classify, frozen: () => false, replaced: () => true };
    case 'blocks-3': {
      if (depth < LAST)
        throw new VesaliusError('INVALID_ARGUMENT', { what: 'blocks', got: depth, expected: `at least ${LAST}` });
      return {
        prefix: (scope, x) => encoded(scope, embedPatches(scope, x, transformer), { to: depth - LAST, ...options }),
        suffix: (scope, tokens) =>
          classify(
            scope,
            normedAndPooled(scope, encoded(scope, tokens, { from: depth - LAST, to: depth, ...options }), transformer),
          ),
        frozen: () => false,
        replaced: anew,
      };
    }
    default:
      return {
        suffix: (scope, x) => classify(scope, whole(scope, x)),
        frozen: method === 'full' ? () => false : (name) => !anew(name),
        replaced: anew,
      };
  }
}

interface Encode extends TransformerOptions {
  readonly from?: number;
  readonly to: number;
}

/** Tokens after the blocks from one number up to another. */
function encoded(
  scope: Scope,
  tokens: Tensor,
  { from = 0, to, method, transformer, rank, prompts = 8 }: Encode,
): Tensor {
  const block = { ...transformer, ...(method === 'lora' && { projection: lowRank(rank) }) };
  return range(to - from, from).reduce((y, i) => {
    const own = scope.child(`blocks.${i}`);
    return method === 'prompts'
      ? withPrompts(own, y, { count: prompts, apply: (all) => visionTransformerBlock(own, all, block) })
      : visionTransformerBlock(own, y, block);
  }, tokens);
}

const ADDED = /\.(lora_a|lora_b|prompts)$/;

/**
 * A linear layer with a change of low rank beside it, nothing at first.
 *
 * @source Hu et al. 2022, LoRA
 */
function lowRank(rank = 8) {
  return (scope: Scope, x: Tensor, options: LinearOptions): Tensor => {
    const features = x.shape.at(-1) as number;
    const rows = $.reshape(x, [-1, features]);
    const down = scope.parameter('lora_a', [rank, features], normal(1 / rank));
    const up = scope.parameter('lora_b', [options.outFeatures, rank], zeros);
    const change = $.matMul($.matMul(rows, down, { transposeB: true }), up, { transposeB: true, scale: LORA_SCALE });
    return $.add(linear(scope, x, options), $.reshape(change, x.shape.with(-1, options.outFeatures)));
  };
}

/** alpha over rank. */
const LORA_SCALE = 2;

interface Prompted {
  readonly count: number;
  readonly apply: (tokens: Tensor) => Tensor;
}

/**
 * Learned tokens behind the class token for one block; what it makes of them is dropped.
 *
 * @source Jia et al. 2022, Visual prompt tuning (deep)
 */
function withPrompts(scope: Scope, tokens: Tensor, { count, apply }: Prompted): Tensor {
  const [batch = 1, size = 0, width = 0] = tokens.shape;
  const learned = scope.parameter('prompts', [1, count, width], truncatedNormal(0.02));
  const [first, patches] = $.split(tokens, [1, size - 1], 1) as [Tensor, Tensor];
  const all = apply($.concat([first, $.broadcastTo(learned, [batch, count, width]), patches], 1));
  const [newFirst, , newPatches] = $.split(all, [1, count, size - 1], 1) as [Tensor, Tensor, Tensor];
  return $.concat([newFirst, newPatches], 1);
}

/** The class token and the mean of the others: `[B, N, D]` -> `[B, 2, D]`. */
function pair(tokens: Tensor): Tensor {
  const [first, patches] = $.split(tokens, [1, (tokens.shape[1] as number) - 1], 1) as [Tensor, Tensor];
  return $.concat([first, $.mean(patches, [1])], 1);
}

const flattened = (both: Tensor): Tensor => $.reshape(both, [both.shape[0] as number, -1]);

function normedAndPooled(scope: Scope, tokens: Tensor, { epsilon = EPSILON }: VisionTransformerOptions): Tensor {
  return flattened(pair(layerNorm(scope.child('norm'), tokens, { epsilon })));
}

/** All of the final norm that has nothing to learn: its scale and shift commute with the mean. */
function standardizedPair(tokens: Tensor, { epsilon = EPSILON }: VisionTransformerOptions): Tensor {
  return pair($.standardize(tokens, [-1], epsilon));
}

/** The rest of the final norm, and the layer before the classifier as the first vision transformers had it. */
function preLogits(scope: Scope, both: Tensor): Tensor {
  const width = both.shape[2] as number;
  const norm = scope.child('norm');
  const scale = norm.parameter('weight', [width], filledWith(1));
  const normed = $.add($.mul(both, scale), norm.parameter('bias', [width], zeros));
  return $.tanh(linear(scope.child('pre_logits'), flattened(normed), { outFeatures: width, ...FRESH }));
}

const FRESH = { initializer: truncatedNormal(0.02), biasInitializer: zeros };

function classifier(scope: Scope, pooled: Tensor, numClasses: number): Tensor {
  return linear(scope.child('head'), pooled, { outFeatures: numClasses, ...FRESH });
}
