/**
 * Discrete Fourier transform in place, forward without a factor, by halves.
 *
 * @param real - as many values as a power of 2; `imaginary` as many
 * @source Cooley and Tukey 1965
 */
export function fourierTransform(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  reverseBits(real, imaginary);
  const cosines = new Float64Array(n / 2).map((_, i) => Math.cos((2 * Math.PI * i) / n));
  const sines = new Float64Array(n / 2).map((_, i) => -Math.sin((2 * Math.PI * i) / n));
  for (let half = 1; half < n; half *= 2) {
    const stride = n / (2 * half);
    for (let start = 0; start < n; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const c = cosines[k * stride] as number;
        const s = sines[k * stride] as number;
        const br = real[b] as number;
        const bi = imaginary[b] as number;
        const turnedReal = br * c - bi * s;
        const turnedImaginary = br * s + bi * c;
        const ar = real[a] as number;
        const ai = imaginary[a] as number;
        real[b] = ar - turnedReal;
        imaginary[b] = ai - turnedImaginary;
        real[a] = ar + turnedReal;
        imaginary[a] = ai + turnedImaginary;
      }
    }
  }
}

/** The inverse, with the factor 1 / n. */
export function inverseFourierTransform(real: Float64Array, imaginary: Float64Array): void {
  fourierTransform(imaginary, real);
  for (let i = 0; i < real.length; i++) {
    real[i] = (real[i] as number) / real.length;
    imaginary[i] = (imaginary[i] as number) / real.length;
  }
}

function reverseBits(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    swap(real, i, j);
    swap(imaginary, i, j);
  }
}

function swap(values: Float64Array, i: number, j: number): void {
  const held = values[i] as number;
  values[i] = values[j] as number;
  values[j] = held;
}
