import type { BundleManifest } from './manifest.ts';

/** The MONAI release whose bundle schema is followed; the model itself needs neither MONAI nor PyTorch. */
const SCHEMA =
  'https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20240725.json';
const SCHEMA_VERSIONS = { monai_version: '1.6.1', pytorch_version: '2.15.0', numpy_version: '2.3.0' };

export interface BundleMetadataOptions {
  readonly description: string;
  readonly authors: string;
  readonly copyright: string;
  readonly intendedUse: string;
  /** Of `model.onnx`. */
  readonly inputName: string;
  readonly outputName: string;
  /** `labels`: class numbers, one channel; `probabilities`: one channel a class. */
  readonly output: 'labels' | 'probabilities';
  /** In tensor order, as numbers or MONAI's expressions (`*`, `8*n`). Default: the window's. */
  readonly spatialShape?: readonly (number | string)[];
}

/**
 * `configs/metadata.json` as MONAI's tools read it.
 *
 * @source MONAI bundle specification, meta_schema_20240725.json
 */
export function bundleMetadata(manifest: BundleManifest, options: BundleMetadataOptions): Record<string, unknown> {
  const shape = {
    spatial_shape: options.spatialShape ?? manifest.processing.roiShape,
    is_patch_data: !options.spatialShape,
  };
  return {
    schema: SCHEMA,
    version: manifest.version,
    changelog: { [manifest.version]: 'trained by Vesalius' },
    ...SCHEMA_VERSIONS,
    required_packages_version: { onnxruntime: manifest.versions['onnxruntime'] ?? '1.30.0' },
    name: manifest.name,
    task: `${manifest.data.name} ${manifest.task}`,
    description: options.description,
    authors: options.authors,
    copyright: options.copyright,
    intended_use: options.intendedUse,
    data_source: manifest.data.name,
    data_type: 'nifti',
    image_classes: manifest.channels.map(({ name }) => name).join(', '),
    label_classes: classNames(manifest),
    pred_classes: classNames(manifest),
    eval_metrics: Object.fromEntries(manifest.metrics.map((metric) => [metricKey(metric), metric.estimate])),
    network_data_format: {
      inputs: { [options.inputName]: { ...inputFormat(manifest), ...shape } },
      outputs: { [options.outputName]: { ...outputFormat(manifest, options.output), ...shape } },
    },
  };
}

function classNames({ classes }: BundleManifest): string {
  return classes.map(({ name }) => name).join(', ');
}

function metricKey({ name, className }: BundleManifest['metrics'][number]): string {
  return className === undefined ? `mean_${name}` : `${name}_${className.replaceAll(/\W+/g, '_')}`;
}

function inputFormat({ channels, plan }: BundleManifest): object {
  const ct = plan.normalization.value.every(({ kind }) => kind === 'ct');
  return {
    type: 'image',
    format: ct ? 'hounsfield' : 'magnitude',
    modality: ct ? 'CT' : 'other',
    num_channels: channels.length,
    dtype: 'float32',
    value_range: [],
    channel_def: numbered(channels.map(({ name }) => name)),
  };
}

function outputFormat({ classes }: BundleManifest, output: 'labels' | 'probabilities'): object {
  const labels = output === 'labels';
  return {
    type: labels ? 'image' : 'probabilities',
    format: 'segmentation',
    num_channels: labels ? 1 : classes.length,
    dtype: labels ? 'uint8' : 'float32',
    value_range: labels ? [0, classes.length - 1] : [0, 1],
    channel_def: labels ? { '0': 'class' } : numbered(classes.map(({ name }) => name)),
  };
}

function numbered(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, i) => [String(i), name]));
}
