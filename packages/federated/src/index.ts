export { type CompressionMethod, type CompressionPlan, planCodes } from './compression/plan-codes.ts';
export { type CompressorOptions, decompressUpdate, UpdateCompressor } from './compression/update-compressor.ts';
export { type LayerShape, type LayerValues, type Layout, valuesIn, zerosOf } from './layer-values.ts';
export { cryptographicNormal } from './privacy/cryptographic-normal.ts';
export { COARSE_INTERVAL, lossEpsilon } from './privacy/loss-accountant.ts';
export { noiseFor } from './privacy/noise-for.ts';
export { type LedgerState, type PrivacyBudget, PrivacyLedger } from './privacy/privacy-ledger.ts';
export { type PrivateMeanOptions, privateMean } from './privacy/private-mean.ts';
export { RENYI_ORDERS, type RenyiSpent, renyiDivergence, renyiEpsilon } from './privacy/renyi-accountant.ts';
export type { SampledGaussian } from './privacy/sampled-gaussian.ts';
export { applyChange, changeOf, copyOf } from './rounds/change-of.ts';
export {
  type ClosedRound,
  CommonModel,
  type CommonModelOptions,
  downSeed,
  joinLayers,
  type SiteShare,
  splitLayers,
  upSeed,
} from './rounds/common-model.ts';
export type { LocalSite, LocalWork } from './rounds/local-site.ts';
export { type BufferedOptions, type BufferedRecord, simulateBuffered } from './rounds/simulate-buffered.ts';
export { type FederationOptions, type RoundRecord, simulateFederation } from './rounds/simulate-federation.ts';
export { type FixedPoint, fromWholeNumbers, toWholeNumbers } from './secure/fixed-point.ts';
export { type HonestSite, type LyingOptions, unmaskByLying } from './secure/lying-coordinator.ts';
export { type MaskedSum, openSum } from './secure/open-sum.ts';
export {
  type Advertisement,
  type Confirmation,
  type MaskedUpdate,
  type OpenedShare,
  type Opening,
  type SealedShares,
  type SecureRound,
  safeThreshold,
} from './secure/secure-round.ts';
export { SecureSite } from './secure/secure-site.ts';
export { fedAvg } from './strategies/fed-avg.ts';
export { fedBn } from './strategies/fed-bn.ts';
export { fedBuff } from './strategies/fed-buff.ts';
export { type FedOptOptions, fedOpt } from './strategies/fed-opt.ts';
export { personalHead } from './strategies/personal-head.ts';
export { coordinateMedian, krum, trimmedMean } from './strategies/robust.ts';
export { type LocalSteps, ScaffoldCommon, ScaffoldSite } from './strategies/scaffold.ts';
export type { SiteUpdate, Strategy } from './strategies/strategy.ts';
export { compressionNamed, strategyNamed } from './strategies/strategy-named.ts';
