import type { DataSet } from '@vesalius/dicom';

/** The size of a pixel along a row and a column; of projections at the detector. Undefined where it is not known. */
export function pixelMmOf(dataSet: DataSet): readonly [number, number] | undefined {
  const stated = dataSet.numbers('PixelSpacing');
  const [down, right] = stated.length === 2 ? stated : dataSet.numbers('ImagerPixelSpacing');
  return right && down ? [right, down] : undefined;
}

/** Taller than wide by this, where only that is known. */
export function pixelShapeOf(dataSet: DataSet): readonly [number, number] {
  const known = pixelMmOf(dataSet);
  if (known) return known;
  const [down = 1, right = 1] = dataSet.numbers('PixelAspectRatio');
  return [right || 1, down || 1];
}
