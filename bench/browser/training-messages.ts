import type { Backend } from '@vesalius/engine';

/** What the page asks its worker for: a new training, or a pause of the one that runs. */
export type ToWorker =
  | { readonly kind: 'start'; readonly backend: Backend; readonly seed: number; readonly learningRate: number }
  | { readonly kind: 'pause'; readonly paused: boolean };

export type FromWorker =
  | { readonly kind: 'ready'; readonly graphBytes: number; readonly seconds: number; readonly threads: number }
  | { readonly kind: 'step'; readonly step: number; readonly loss: number; readonly milliseconds: number }
  | ({ readonly kind: 'unseen'; readonly step: number; readonly dice: number } & Pictures)
  | { readonly kind: 'failed'; readonly message: string };

/** Of one batch, pixel by pixel. */
export interface Pictures {
  readonly image: Float32Array;
  readonly target: Float32Array;
  readonly prediction: Float32Array;
}
