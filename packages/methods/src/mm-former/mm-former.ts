import { ops as $, convolutionLayer, instanceNorm, range, type Scope, type Tensor } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { decodeLevels } from '../modalities/level-decoder.ts';
import { modalityEncoder } from '../modalities/modality-encoder.ts';
import { type ModalityInputs, modalityOf, presenceOf } from '../modalities/modality-model.ts';
import { crossModal, intraModal } from './cross-modal.ts';
import { MM_FORMER_SIZES, type MmFormerSize } from './sizes.ts';

export interface MmFormerOptions {
  readonly outChannels: number;
  readonly size?: keyof typeof MM_FORMER_SIZES | MmFormerSize;
  /** Size of the coarsest features that positions are learned for; those of the image by default. */
  readonly grid?: readonly number[];
  /** The finest level that the auxiliary decoder answers at; 0, the image's own, by default. */
  readonly auxiliaryLevel?: number;
}

export interface MmFormerResult {
  /** `[B, outChannels, ...S]`; while training followed by every coarser level, each at its own size. */
  readonly logits: readonly Tensor[];
  /**
   * What the shared decoder makes of each modality alone, `[M B, outChannels, ...]` with modality after modality: from `auxiliaryLevel` on
   * every level, each at its own size, the first at the image's; empty but while training.
   */
  readonly auxiliary: readonly Tensor[];
  /** `[B, M, ...S]` at the coarsest level: the share of its attention that each place gives to each modality; 0 for those not there, and sums to 1. */
  readonly attention: Tensor;
}

/**
 * An encoder for each modality, attention within each and then between all, and a decoder that fuses at every level what is there.
 *
 * As published, but for: tokens keep their places when modalities are joined; what is not there takes no attention; nothing is dropped but
 * whole modalities; fused features are normalised, so that they do not shrink with each that is missing; coarse levels answer at their own size.
 *
 * @throws SHAPE_MISMATCH unless the mask is `[B, M]` and spatial sizes are multiples of 2 for every level but the first, and of the stem
 * @source Zhang et al. 2022, mmFormer
 */
export function mmFormer(scope: Scope, inputs: ModalityInputs, options: MmFormerOptions): MmFormerResult {
  const size = sizeOf(options);
  const { mask } = inputs;
  assertImage(inputs, size);
  const tokens = { ...size, ...(options.grid && { grid: options.grid }) };
  const encoded = range(mask.shape[1] as number).map((m) => {
    const inner = scope.child(`modalities.${m}`);
    const levels = modalityEncoder(inner.child('encoder'), modalityOf(inputs, m), size.channels, size.stem);
    return levels.with(-1, intraModal(inner.child('intra'), levels.at(-1) as Tensor, tokens));
  });
  const levelOf = (level: number): Tensor[] => encoded.map((levels) => levels[level] as Tensor);
  const present = (level: number): Tensor[] => levelOf(level).map((x, m) => $.mul(x, presenceOf(mask, m, x)));
  const last = size.channels.length - 1;
  const { features, attention } = crossModal(scope.child('cross'), present(last), { ...tokens, mask });
  const fused = range(last).map((level) => fuse(scope.child(`fusion.${level}`), present(level)));
  const { outChannels, auxiliaryLevel = 0 } = options;
  const bottom = instanceNorm(scope.child('cross.norm'), features, { affine: true });
  const logits = decodeLevels(scope.child('decoder'), [...fused, bottom], { outChannels, stem: size.stem });
  const alone = range(last + 1).map((level) => $.concat(levelOf(level), 0));
  return {
    logits: scope.training ? logits : logits.slice(0, 1),
    auxiliary: scope.training
      ? decodeLevels(scope.child('auxiliary'), alone, { outChannels, finest: auxiliaryLevel, stem: size.stem })
      : [],
    attention,
  };
}

function sizeOf({ size = 'tiny' }: MmFormerOptions): MmFormerSize {
  return typeof size === 'string' ? MM_FORMER_SIZES[size] : size;
}

function assertImage({ image, mask }: ModalityInputs, { channels, stem }: MmFormerSize): void {
  const [batch, modalities, ...space] = image.shape;
  const factor = stem * 2 ** (channels.length - 1);
  const fits = mask.shape.length === 2 && mask.shape[0] === batch && mask.shape[1] === modalities;
  if (fits && space.length > 1 && space.every((length) => length % factor === 0)) return;
  throw new VesaliusError('SHAPE_MISMATCH', {
    what: 'mmFormer: image and mask',
    got: JSON.stringify([image.shape, mask.shape]),
    expected: `[B, M, ...S] and [B, M], S multiples of ${factor}`,
  });
}

/** One map of all modalities at one level. */
function fuse(scope: Scope, features: readonly Tensor[]): Tensor {
  const outChannels = (features[0] as Tensor).shape[1] as number;
  const joined = convolutionLayer(scope.child('conv'), $.concat([...features], 1), { outChannels, kernelSize: 1 });
  return $.leakyRelu(instanceNorm(scope.child('norm'), joined, { affine: true }));
}
