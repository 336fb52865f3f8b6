export { canonicalJson } from './bundle/canonical-json.ts';
export type {
  BundleManifest,
  HistoryPoint,
  LargestComponentTrial,
  MetricInterval,
} from './bundle/manifest.ts';
export { type BundlePredictor, openPredictor } from './bundle/open-predictor.ts';
export { openAttentionReader, openGateReader } from './bundle/open-readers.ts';
export { assertSameFiles, type OpenBundle, readBundle } from './bundle/read-bundle.ts';
export { signingKey } from './bundle/signing-key.ts';
export { type BundleContents, makeWayForBundle, writeBundle } from './bundle/write-bundle.ts';
export { profileBundle } from './prediction/profile-bundle.ts';
export { openSessionPool } from './prediction/session-pool.ts';
export { withLargestOnly } from './prediction/with-largest-only.ts';
