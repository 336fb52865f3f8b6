/** Every operation a network, a loss or a gradient is written with. */
export * from './composite.ts';
export {
  type ConvolutionGeometry,
  type ConvolutionOptions,
  convolution,
  convolutionFrom,
  convolutionInput,
  convolutionWeight,
  type TransposedConvolutionOptions,
  transposedConvolution,
} from './convolution.ts';
export * from './elementwise.ts';
export * from './indexing.ts';
export * from './linear-algebra.ts';
export * from './normalization.ts';
export * from './pooling.ts';
export * from './random.ts';
export * from './reduction.ts';
export * from './resize.ts';
export { type Carry, type Scanned, scan } from './scan.ts';
export * from './scheduling.ts';
export * from './selection.ts';
export * from './shaping.ts';
export * from './source.ts';
