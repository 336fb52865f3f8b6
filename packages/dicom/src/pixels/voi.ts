import type { DataSet } from '../data-set/data-set.ts';
import { type LookupTable, lookUp, lookupTable } from './lookup-table.ts';
import { functionalGroup, signedInput } from './modality.ts';

/** What range of values is to be seen: PS3.3 C.11.2. */
export type VoiTransform =
  | { readonly kind: 'linear' | 'linear-exact' | 'sigmoid'; readonly center: number; readonly width: number }
  | { readonly kind: 'table'; readonly table: LookupTable };

const FUNCTIONS: Readonly<Record<string, 'linear' | 'linear-exact' | 'sigmoid'>> = {
  LINEAR: 'linear',
  LINEAR_EXACT: 'linear-exact',
  SIGMOID: 'sigmoid',
};

/** The views an image offers, tables first; none where a viewer has to choose. Of an enhanced image those of one frame. */
export function voiTransforms(dataSet: DataSet, index = 0): VoiTransform[] {
  const group = functionalGroup(dataSet, 'FrameVOILUTSequence', index) ?? dataSet;
  const kind = FUNCTIONS[group.string('VOILUTFunction') ?? 'LINEAR'] ?? 'linear';
  const widths = group.numbers('WindowWidth');
  const windows = group.numbers('WindowCenter').flatMap((center, i) => {
    const width = widths[i];
    return width !== undefined && Number.isFinite(center) && isWidth(width, kind) ? [{ kind, center, width }] : [];
  });
  const tables = group
    .items('VOILUTSequence')
    .map((item) => ({ kind: 'table' as const, table: lookupTable(item, signedInput(dataSet)) }));
  return [...tables, ...windows];
}

/** PS3.3 C.11.2.1.2, C.11.2.1.3: at least 1 for LINEAR, more than 0 for the others. */
function isWidth(width: number, kind: 'linear' | 'linear-exact' | 'sigmoid'): boolean {
  return kind === 'linear' ? width >= 1 : width > 0;
}

/** Values as 0 (dark) to 255 (bright), MONOCHROME1 not yet inverted. */
export function applyVoi(values: Float32Array | Float64Array, transform: VoiTransform): Uint8ClampedArray<ArrayBuffer> {
  const shown = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) shown[i] = 255 * brightness(values[i] as number, transform);
  return shown;
}

/** 0 to 1. */
function brightness(value: number, transform: VoiTransform): number {
  if (transform.kind === 'table') return lookUp(transform.table, value) / (2 ** transform.table.bits - 1);
  const { kind, center, width } = transform;
  if (kind === 'sigmoid') return 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (kind === 'linear-exact') return clamp((value - center) / width + 0.5);
  // PS3.3 C.11.2.1.2.1: the window of LINEAR spans width - 1 values around center - 0.5.
  return width === 1 ? Number(value > center - 0.5) : clamp((value - (center - 0.5)) / (width - 1) + 0.5);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
