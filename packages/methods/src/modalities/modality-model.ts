import { ops as $, range, type Scope, type Tensor } from '@vesalius/engine';

export interface ModalityInputs {
  /** A channel a modality, `[B, M, ...S]`. */
  readonly image: Tensor;
  /** `[B, M]`: 1 for a modality that is there, 0 for one that is not, whatever its channel holds. */
  readonly mask: Tensor;
  /** Class numbers `[B, 1, ...S]`, while training. */
  readonly label?: Tensor;
}

export interface ModalityOutputs {
  /** `[B, K, ...S]` */
  readonly logits: Tensor;
  /** Scalar to make small, where there is a label. */
  readonly loss?: Tensor;
  /** More to read after each run. */
  readonly readings?: Readonly<Record<string, Tensor>>;
}

/** A network that answers for any subset of its modalities, and says while training what it should make small. */
export type ModalityModel = (scope: Scope, inputs: ModalityInputs) => ModalityOutputs;

/** One modality of all, `[B, 1, ...S]`; zeros where it is not there, also in the place of what is no number. */
export function modalityOf({ image, mask }: ModalityInputs, modality: number): Tensor {
  const alone = $.sliceAxis(image, 1, modality, modality + 1);
  return $.where($.greater(presenceOf(mask, modality, alone), 0), alone, 0);
}

/** `[B, 1, 1, ...]`, to multiply the features of a modality with. */
export function presenceOf(mask: Tensor, modality: number, { shape }: Tensor): Tensor {
  return $.reshape($.sliceAxis(mask, 1, modality, modality + 1), [
    shape[0] as number,
    ...range(shape.length - 1).map(() => 1),
  ]);
}
