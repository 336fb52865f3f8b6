/** A picture that is already PNG. */
export interface EncodedPicture {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

/** How many values fall between two edges; the right edge of the last bucket belongs to it. */
export interface HistogramBucket {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** One thing measured; `tag` names the curve, slashes group them: `validation/dice`. */
export type Summary =
  | { readonly kind: 'scalar'; readonly tag: string; readonly value: number }
  | { readonly kind: 'image'; readonly tag: string; readonly pictures: readonly EncodedPicture[] }
  | { readonly kind: 'histogram'; readonly tag: string; readonly buckets: readonly HistogramBucket[] }
  | { readonly kind: 'text'; readonly tag: string; readonly text: string }
  | { readonly kind: 'hparams'; readonly values: Readonly<Record<string, number | string | boolean>> };

/** What a training run writes down at one step. */
export interface RunEvent {
  /** Since 1970, in seconds. */
  readonly wallTimeSeconds: number;
  readonly step: number;
  readonly summaries: readonly Summary[];
  /** The run goes on from here: what it wrote down before, of this step or a later one, is void. */
  readonly restart?: true;
}
