/** Images of one size with a class each, all in memory. */
export interface LabelledImages {
  /** `[N, C, ...S]`, normalized. */
  readonly images: Float32Array;
  /** Class numbers. */
  readonly labels: Uint8Array;
}

export const countOf = ({ labels }: LabelledImages): number => labels.length;

/** Some of the images, in the order asked for. */
export function pickImages({ images, labels }: LabelledImages, chosen: ArrayLike<number>): LabelledImages {
  const each = images.length / labels.length;
  const picked = new Float32Array(chosen.length * each);
  for (let n = 0; n < chosen.length; n++) {
    const from = (chosen[n] as number) * each;
    picked.set(images.subarray(from, from + each), n * each);
  }
  return { images: picked, labels: Uint8Array.from(chosen, (n) => labels[n] as number) };
}
