import { type DataSet, voiTransforms } from '@vesalius/dicom';

/** The range of values that goes from black to white. */
export interface Window {
  readonly center: number;
  readonly width: number;
}

export type PresetName =
  | 'softTissue'
  | 'lung'
  | 'bone'
  | 'brain'
  | 'liver'
  | 'mediastinum'
  | 'ofFile'
  | 'automatic'
  | 'wholeRange'
  | 'upperHalf';

export interface WindowPreset {
  readonly id: PresetName;
  readonly key: string;
  /** The same for every image; others depend on what is seen. */
  readonly fixed?: Window;
}

/** Hounsfield units. */
const CT_PRESETS: readonly WindowPreset[] = [
  { id: 'softTissue', fixed: { center: 40, width: 400 }, key: '1' },
  { id: 'lung', fixed: { center: -600, width: 1500 }, key: '2' },
  { id: 'bone', fixed: { center: 480, width: 2500 }, key: '3' },
  { id: 'brain', fixed: { center: 40, width: 80 }, key: '4' },
  { id: 'liver', fixed: { center: 90, width: 150 }, key: '5' },
  { id: 'mediastinum', fixed: { center: 50, width: 350 }, key: '6' },
];
/** Of values without a scale of their own. */
const OTHER_PRESETS: readonly WindowPreset[] = [
  { id: 'ofFile', key: '1' },
  { id: 'automatic', key: '2' },
  { id: 'wholeRange', key: '3' },
  { id: 'upperHalf', key: '4' },
];

export function windowPresets(modality: string): readonly WindowPreset[] {
  return modality === 'CT' ? CT_PRESETS : OTHER_PRESETS;
}

export interface SeenImage {
  readonly values: Int16Array | Float32Array;
  readonly stored: Window | undefined;
}

/** The window of a preset for an image; undefined where the image proposes none. */
export function windowOfPreset({ id, fixed }: WindowPreset, { values, stored }: SeenImage): Window | undefined {
  if (fixed || id === 'ofFile') return fixed ?? stored;
  if (id === 'automatic') return windowOf(values);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (id === 'upperHalf') low = (low + high) / 2;
  return { center: (low + high) / 2, width: Math.max(high - low, 1e-6) };
}

/** What the image itself proposes. */
export function storedWindow(dataSet: DataSet, frame: number): Window | undefined {
  for (const one of voiTransforms(dataSet, frame))
    if (one.kind !== 'table') return { center: one.center, width: one.width };
  return undefined;
}

/** Where the image proposes none: soft tissue for CT, whose values have a scale; else by what is seen. */
export function firstWindow(modality: string, values: Int16Array | Float32Array): Window {
  return (modality === 'CT' ? CT_PRESETS[0]?.fixed : undefined) ?? windowOf(values);
}

/** From the first to the ninety-ninth percentile of what is seen. */
function windowOf(values: Int16Array | Float32Array): Window {
  const step = Math.max(1, Math.floor(values.length / 20_000));
  const sample = Float32Array.from({ length: Math.floor(values.length / step) }, (_, i) => values[i * step] as number)
    .filter(Number.isFinite)
    .sort();
  const at = (share: number) => sample[Math.min(sample.length - 1, Math.floor(share * sample.length))] ?? 0;
  const [low, high] = [at(0.01), at(0.99)];
  return { center: (low + high) / 2, width: Math.max(high - low, 1e-6) };
}
