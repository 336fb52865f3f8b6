export { lossEpsilon } from './privacy/loss-accountant.ts';
export { noiseFor } from './privacy/noise-for.ts';
export { RENYI_ORDERS, type RenyiSpent, renyiDivergence, renyiEpsilon } from './privacy/renyi-accountant.ts';
export type { SampledGaussian } from './privacy/sampled-gaussian.ts';
