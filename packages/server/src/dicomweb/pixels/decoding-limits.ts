import type { Limits, PixelLayout } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';

/** A small file can say that it holds what no memory does. */
const MOST_SAMPLES = 1 << 28;

/** What a deflated file may grow to while it is read. */
export const READ_LIMITS: Partial<Limits> = { inflatedBytes: 1 << 29 };

/** @throws FILE_UNSUPPORTED for pixels that are too many to be decoded at once */
export function assertDecodable({ rows, columns, samplesPerPixel }: PixelLayout, frames = 1): void {
  const samples = rows * columns * samplesPerPixel * frames;
  if (samples > MOST_SAMPLES)
    throw new VesaliusError('FILE_UNSUPPORTED', {
      what: 'pixels to decode at once',
      got: samples,
      expected: `at most ${MOST_SAMPLES}`,
    });
}
