import type { TransferMethod } from '@vesalius/methods';

/** One way to a classifier, and how it is trained. */
export interface TransferRecipe {
  /** As in the figure's names. */
  readonly name: string;
  readonly network:
    | { readonly kind: 'dinov2'; readonly method: TransferMethod; readonly pretrained: boolean }
    | { readonly kind: 'mobilenet-v2' }
    | { readonly kind: 'resnet' };
  readonly steps: number;
  /** Steps from one scoring to the next. */
  readonly every: number;
  /** Tried with the first seed; the one with the best AUC is taken for the others. */
  readonly rates: readonly number[];
  readonly layerDecay: number;
}

const dinov2 = (method: TransferMethod, pretrained = true) => ({ kind: 'dinov2', method, pretrained }) as const;

/** Batches of 32 patches; a step of full fine-tuning costs about four of blocks-3 and 300 of head-3. */
export const RECIPES: readonly TransferRecipe[] = [
  {
    name: 'full',
    network: dinov2('full'),
    steps: 480,
    every: 40,
    rates: [5e-5, 1e-4, 2e-4, 4e-4, 8e-4],
    layerDecay: 0.75,
  },
  { name: 'head3', network: dinov2('head-3'), steps: 6000, every: 250, rates: [3e-4, 1e-3, 3e-3], layerDecay: 1 },
  { name: 'blocks3', network: dinov2('blocks-3'), steps: 900, every: 30, rates: [1e-4, 3e-4, 1e-3], layerDecay: 0.75 },
  { name: 'linearProbe', network: dinov2('linear-probe'), steps: 6000, every: 500, rates: [1e-3, 1e-2], layerDecay: 1 },
  { name: 'lora', network: dinov2('lora'), steps: 480, every: 80, rates: [1e-3], layerDecay: 1 },
  { name: 'prompts', network: dinov2('prompts'), steps: 480, every: 80, rates: [3e-3], layerDecay: 1 },
  {
    name: 'scratchViT',
    network: dinov2('full', false),
    steps: 480,
    every: 80,
    rates: [3e-4, 1e-3],
    layerDecay: 1,
  },
  { name: 'resnet', network: { kind: 'resnet' }, steps: 960, every: 80, rates: [1e-3, 3e-3], layerDecay: 1 },
  {
    name: 'mobileNetV2',
    network: { kind: 'mobilenet-v2' },
    steps: 320,
    every: 80,
    rates: [3e-4, 1e-3],
    layerDecay: 1,
  },
];

/** Of these only the first seed is run: they are no part of the claim. */
export const ONE_SEED: readonly string[] = ['lora', 'prompts'];
