import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import { littleBytes } from '../part10/encode-data-set.ts';
import type { DicomFile } from '../part10/read-dicom.ts';
import { decompress } from '../pixels/decompress.ts';
import { pixelLayout } from '../pixels/pixel-layout.ts';
import type { PixelRegion } from './policy.ts';

/**
 * The data set with native pixels, the regions of every frame at the lowest stored value.
 *
 * @throws FILE_UNSUPPORTED for packed bits and for shared chrominance, as `decodeFrame` for pixels that cannot be decoded
 */
export async function blackOut(
  file: Pick<DicomFile, 'dataSet' | 'transferSyntax'>,
  regions: readonly PixelRegion[],
): Promise<DataSet> {
  const dataSet = await decompress(file);
  const pixels = dataSet.get('PixelData');
  if (pixels?.kind !== 'value') return dataSet;
  const layout = pixelLayout(dataSet);
  if (layout.bitsAllocated < 8 || layout.photometric === 'YBR_FULL_422')
    throw new VesaliusError('FILE_UNSUPPORTED', { what: 'blacking out regions of pixels', got: layout.photometric });
  const bytes = new Uint8Array(littleBytes(pixels, dataSet));
  const { rows, columns, samplesPerPixel, planar, frames } = layout;
  const unit = layout.bitsAllocated / 8;
  const planes = frames * (planar ? samplesPerPixel : 1);
  const pixelBytes = unit * (planar ? 1 : samplesPerPixel);
  for (let plane = 0; plane < planes; plane++) {
    for (const { left, top, width, height } of regions) {
      const [from, to] = [Math.max(0, left), Math.min(columns, left + width)];
      for (let row = Math.max(0, top); row < Math.min(rows, top + height); row++) {
        const start = (plane * rows + row) * columns;
        bytes.fill(0, (start + from) * pixelBytes, (start + to) * pixelBytes);
      }
    }
  }
  return dataSet.with({ kind: 'value', tag: pixels.tag, vr: pixels.vr, bytes, littleEndian: true });
}
