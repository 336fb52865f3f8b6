import { type WeightMap, type WeightTensor, weightToFloat32 } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { VisionTransformerOptions } from '../networks/vision-transformer.ts';
import { toTransformerNames } from './transformer-names.ts';

/** What a file of weights is for. */
export type PretrainedNetwork =
  | {
      readonly kind: 'vision-transformer';
      readonly options: VisionTransformerOptions;
      /** Under the names of `visionTransformer`, float32; positions and input as they were trained. */
      readonly weights: WeightMap;
      readonly leftOut: readonly string[];
    }
  | {
      readonly kind: 'mobilenet-v2';
      /** Under the names of `mobileNetV2`, float32. */
      readonly weights: WeightMap;
      readonly leftOut: readonly string[];
    };

/** Channels of a head in every published vision transformer. */
const HEAD_CHANNELS = 64;

/**
 * Recognises a network by its weights: a vision transformer of timm, DINOv2, torchvision or Hugging Face, or torchvision's MobileNetV2.
 *
 * @param numHeads - where it is not the width over 64
 * @throws FILE_UNSUPPORTED for another network, DATA_MISMATCH for one with parts missing
 */
export function recognizeNetwork(weights: WeightMap, { numHeads }: { numHeads?: number } = {}): PretrainedNetwork {
  if (weights.has('features.18.0.weight')) return mobileNet(weights);
  const renamed = toTransformerNames(weights);
  const patch = renamed.weights.get('patch_embed.proj.weight');
  if (patch?.shape.length !== 4) {
    throw new VesaliusError('FILE_UNSUPPORTED', {
      what: 'network of the weights',
      got: `${[...weights.keys()].slice(0, 3).join(', ')}, ...`,
      expected: 'a vision transformer or MobileNetV2',
    });
  }
  const options = optionsOf(renamed.weights, patch, numHeads);
  assertWhole(renamed.weights, options);
  return { kind: 'vision-transformer', options, ...renamed };
}

function mobileNet(weights: WeightMap): PretrainedNetwork {
  const kept = [...weights].filter(([name]) => !name.endsWith('num_batches_tracked'));
  const values = kept.map(([name, tensor]): [string, WeightTensor] => [
    name,
    { dtype: 'float32', shape: tensor.shape, data: weightToFloat32(tensor) },
  ]);
  return { kind: 'mobilenet-v2', weights: new Map(values), leftOut: [] };
}

function optionsOf(weights: WeightMap, patch: WeightTensor, numHeads: number | undefined): VisionTransformerOptions {
  const [hiddenSize = 0, , patchSize = 0] = patch.shape;
  const blocks = [...weights.keys()].flatMap((name) => /^blocks\.(\d+)\./.exec(name)?.[1] ?? []);
  return {
    patchSize,
    hiddenSize,
    mlpDim: weights.get('blocks.0.mlp.fc1.weight')?.shape[0] ?? 0,
    depth: new Set(blocks).size,
    numHeads: numHeads ?? hiddenSize / HEAD_CHANNELS,
    layerScale: weights.has('blocks.0.ls1.gamma'),
  };
}

function assertWhole(weights: WeightMap, { depth, layerScale }: VisionTransformerOptions): void {
  const layers = ['norm1', 'norm2', 'attn.qkv', 'attn.proj', 'mlp.fc1', 'mlp.fc2'];
  const ofBlock = [
    ...layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]),
    ...(layerScale ? ['ls1.gamma', 'ls2.gamma'] : []),
  ];
  const needed = [
    ...['cls_token', 'pos_embed', 'patch_embed.proj.bias', 'norm.weight', 'norm.bias'],
    ...Array.from({ length: depth }, (_, i) => ofBlock.map((name) => `blocks.${i}.${name}`)).flat(),
  ];
  const missing = needed.filter((name) => !weights.has(name));
  if (missing.length === 0 && depth > 0) return;
  throw new VesaliusError('DATA_MISMATCH', {
    what: 'weights of a vision transformer',
    got: `nothing for ${missing.slice(0, 3).join(', ')}`,
    expected: `${needed.length} tensors`,
  });
}
