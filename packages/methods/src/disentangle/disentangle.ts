import { ops as $, range, type Scope, type Tensor } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { decodeLevels } from '../modalities/level-decoder.ts';
import { type ModalityInputs, modalityOf } from '../modalities/modality-model.ts';
import { type AppearanceCode, appearanceCode, contentCode, drawAppearance } from './codes.ts';
import { type GatedFeatures, gatedFusion } from './gated-fusion.ts';
import { reconstruct } from './reconstruction.ts';

const CHANNELS = [8, 16, 32, 64];

export interface DisentangleOptions {
  readonly outChannels: number;
  /** Of every level, the finest first; [8, 16, 32, 64] by default. */
  readonly channels?: readonly number[];
  /** How much finer the image is than the finest level; 1 by default. */
  readonly stem?: 1 | 2;
  /** Numbers of an appearance code; 8 by default. */
  readonly appearanceSize?: number;
  /** The finest level that images are made again at; 0 by default. */
  readonly reconstructionLevel?: number;
}

export interface DisentangleResult {
  /** `[B, outChannels, ...S]`; while training followed by every coarser level, each at its own size. */
  readonly logits: readonly Tensor[];
  /** What is where: of each modality every level, the finest first. */
  readonly content: readonly (readonly Tensor[])[];
  /** How it looks: of each modality. */
  readonly appearance: readonly AppearanceCode[];
  /** `[B, M]`: how far each modality is let through, averaged over places and levels; they sum to 1. */
  readonly gates: Tensor;
  /** `[B, M, ...S]` at the finest level: how far each modality is let through in every place, 0 to 1. */
  readonly finestGates: Tensor;
  /** While training: every modality made again from what was fused and its own appearance, `[M B, 1, ...]`, modality after modality. */
  readonly reconstruction?: Tensor;
}

/**
 * Each modality is taken apart into content and appearance. Contents are fused by gates and segmented; appearances only dress the fused
 * content up again as each modality, also as those that were hidden, so that the content of what is there must hold what the others show.
 *
 * @throws SHAPE_MISMATCH unless the mask is `[B, M]` and spatial sizes are multiples of 2 for every level but the first, and of the stem
 * @source Chen et al. 2019, Robust multimodal brain tumor segmentation via feature disentanglement and gated fusion
 */
export function disentangle(scope: Scope, inputs: ModalityInputs, options: DisentangleOptions): DisentangleResult {
  const { outChannels, channels = CHANNELS, stem = 1, reconstructionLevel = 0 } = options;
  assertImage(inputs, stem * 2 ** (channels.length - 1));
  const modalities = range(inputs.mask.shape[1] as number);
  // While training all are seen: hidden ones by their own encoders alone, for what they look like must be made again.
  const images = scope.training ? modalitiesOf(inputs) : modalities.map((m) => modalityOf(inputs, m));
  const content = contentCodes(scope, images, options);
  const appearance = appearanceCodes(scope, images, options);
  const fused = channels.map((_, level) =>
    gatedFusion(
      scope.child(`fusion.${level}`),
      content.map((levels) => levels[level] as Tensor),
      inputs.mask,
    ),
  );
  const features = fused.map((one) => one.features);
  const logits = decodeLevels(scope.child('decoder'), features, { outChannels, stem });
  const [{ gates: finestGates }] = fused as [GatedFeatures];
  const result = { content, appearance, gates: averageGates(fused.map(({ gates }) => gates)), finestGates };
  if (!scope.training) return { ...result, logits: logits.slice(0, 1) };
  const drawn = appearance.map((code, m) => drawAppearance(scope.child(`appearance.${m}`), code));
  const repeated = features.map((level) =>
    $.concat(
      modalities.map(() => level),
      0,
    ),
  );
  const again = { appearance: $.concat(drawn, 0), finest: reconstructionLevel };
  return { ...result, logits, reconstruction: reconstruct(scope.child('reconstruction'), repeated, again) };
}

/** The codes that `disentangle` takes all modalities apart into, each by the same weights there and here: to measure what they give away. */
export const disentangledCodes = {
  content: (scope: Scope, inputs: ModalityInputs, options: CodeOptions = {}): Tensor[][] =>
    contentCodes(scope, modalitiesOf(inputs), options),
  appearance: (scope: Scope, inputs: ModalityInputs, options: CodeOptions = {}): Tensor[][] =>
    appearanceCodes(scope, modalitiesOf(inputs), options).map(({ mean }) => [mean]),
} as const;

type CodeOptions = Pick<DisentangleOptions, 'channels' | 'stem' | 'appearanceSize'>;

function modalitiesOf({ image }: ModalityInputs): Tensor[] {
  return range(image.shape[1] as number).map((m) => $.sliceAxis(image, 1, m, m + 1));
}

function contentCodes(
  scope: Scope,
  images: readonly Tensor[],
  { channels = CHANNELS, stem = 1 }: CodeOptions,
): Tensor[][] {
  return images.map((x, m) => contentCode(scope.child(`content.${m}`), x, channels, stem));
}

function appearanceCodes(
  scope: Scope,
  images: readonly Tensor[],
  { appearanceSize = 8 }: CodeOptions,
): AppearanceCode[] {
  return images.map((x, m) => appearanceCode(scope.child(`appearance.${m}`), x, appearanceSize));
}

function assertImage({ image, mask }: ModalityInputs, factor: number): void {
  const [batch, modalities, ...space] = image.shape;
  const fits = mask.shape.length === 2 && mask.shape[0] === batch && mask.shape[1] === modalities;
  if (fits && space.length > 1 && space.every((length) => length % factor === 0)) return;
  throw new VesaliusError('SHAPE_MISMATCH', {
    what: 'disentangle: image and mask',
    got: JSON.stringify([image.shape, mask.shape]),
    expected: `[B, M, ...S] and [B, M], S multiples of ${factor}`,
  });
}

function averageGates(gates: readonly Tensor[]): Tensor {
  const means = gates.map((gate) => $.mean(gate, range(gate.shape.length - 2, 2), false));
  const sum = means.reduce((a, b) => $.add(a, b));
  return $.div(sum, $.sum(sum, [1]));
}
