import { type DataSet, voiTransforms } from '@vesalius/dicom';

/** The range of values that goes from black to white. */
export interface Window {
  readonly center: number;
  readonly width: number;
}

interface WindowPreset extends Window {
  readonly id: 'softTissue' | 'lung' | 'bone' | 'brain' | 'liver' | 'mediastinum';
  readonly key: string;
}

/** Hounsfield units. */
const CT_PRESETS: readonly WindowPreset[] = [
  { id: 'softTissue', center: 40, width: 400, key: '1' },
  { id: 'lung', center: -600, width: 1500, key: '2' },
  { id: 'bone', center: 480, width: 2500, key: '3' },
  { id: 'brain', center: 40, width: 80, key: '4' },
  { id: 'liver', center: 90, width: 150, key: '5' },
  { id: 'mediastinum', center: 50, width: 350, key: '6' },
];

/** Windows with names; of modalities whose values have no scale none. */
export function windowPresets(modality: string): readonly WindowPreset[] {
  return modality === 'CT' ? CT_PRESETS : [];
}

/** What the image itself proposes. */
export function storedWindow(dataSet: DataSet, frame: number): Window | undefined {
  for (const one of voiTransforms(dataSet, frame))
    if (one.kind !== 'table') return { center: one.center, width: one.width };
  return undefined;
}

/** From the first to the ninety-ninth percentile of what is seen. */
export function windowOf(values: Int16Array | Float32Array): Window {
  const step = Math.max(1, Math.floor(values.length / 20_000));
  const sample = Float32Array.from({ length: Math.floor(values.length / step) }, (_, i) => values[i * step] as number)
    .filter(Number.isFinite)
    .sort();
  const at = (share: number) => sample[Math.min(sample.length - 1, Math.floor(share * sample.length))] ?? 0;
  const [low, high] = [at(0.01), at(0.99)];
  return { center: (low + high) / 2, width: Math.max(high - low, 1e-6) };
}
