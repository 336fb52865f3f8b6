import type { SegmentLabel } from '@vesalius/api';
import type { Volume } from '@vesalius/volume';
import type { ModelRegistry, Prediction } from '../models/model-registry.ts';
import { clicksOf, clicksOfScribbles } from './clicks.ts';
import { centroidsOf } from './label-map.ts';
import type { NamedModel } from './model-names.ts';

interface PredictionOptions {
  readonly models: ModelRegistry;
  readonly named: NamedModel;
  readonly channels: readonly Volume[];
  readonly params: Readonly<Record<string, unknown>>;
  /** A label map that came with the request: scribbles, or what clicks correct. */
  readonly drawn?: Volume<Uint8Array>;
  readonly signal: AbortSignal;
}

/** Runs a model for a client, clicks and scribbles included where it takes them. */
export function runPrediction(options: PredictionOptions): Promise<Prediction> {
  const { models, named, channels, params, drawn, signal } = options;
  const { model, interactive } = named;
  if (!interactive) return models.predict(model, { channels, signal });
  const behind = Math.max(0, ...model.labels.map(({ value }) => value));
  const isScribbled = drawn?.voxels.some((value) => value > behind) ?? false;
  const scribbled =
    drawn && isScribbled
      ? clicksOfScribbles(drawn, model.labels, params['selected_label_name'] ?? params['label'])
      : [];
  const clicks = [...clicksOf(params, model.labels), ...scribbled];
  const previous = drawn !== undefined && !isScribbled ? { previous: drawn } : {};
  return models.predict(model, { channels, clicks, ...previous, signal });
}

/** What a client is told besides the label map; times in seconds. */
export function paramsOf({ labels, timesMs }: Prediction, known: readonly SegmentLabel[], writeMs: number): object {
  const seconds = (ms: number) => Math.round(ms) / 1000;
  const { open, prepare, infer, invert } = timesMs;
  const times = { pre: seconds(open + prepare), infer: seconds(infer), invert: seconds(invert), post: 0 };
  const total = seconds(open + prepare + infer + invert + writeMs);
  const centroids = centroidsOf(labels.voxels, labels.size);
  const centroid = ({ name, value }: SegmentLabel) => [name, (centroids.get(value) ?? []).map(String)] as const;
  return {
    label_names: Object.fromEntries(known.map(({ name, value }) => [name, value])),
    latencies: { ...times, write: seconds(writeMs), total, transform: {} },
    centroids: Object.fromEntries(known.filter(({ value }) => centroids.has(value)).map(centroid)),
  };
}
