import { VesaliusError } from '@vesalius/errors';
import type { Code } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { codeItems } from '../objects/code-items.ts';
import { createInstance, dateAndTime, type InstanceOptions } from '../objects/create-instance.ts';
import { instanceReference, lateralityAttributes } from '../objects/references.ts';

export interface BuildSecondaryCaptureOptions extends InstanceOptions {
  /** What the picture shows; patient and study are those of the first. */
  readonly source: readonly DataSet[];
  readonly rows: number;
  readonly columns: number;
  /** Row by row; grey, or red, green and blue of each pixel in turn. */
  readonly pixels: Uint8Array | Uint16Array;
  /** Whether words about the patient or study are part of the picture. */
  readonly burnedInAnnotation: boolean;
  /** How it was made. */
  readonly derivationDescription?: string;
  /** Of context group 7203. */
  readonly derivation?: Code;
  /** Between rows and between columns, where it is to scale. */
  readonly pixelSpacingMm?: readonly [rows: number, columns: number];
}

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

/**
 * A picture as a secondary capture image.
 *
 * @throws SHAPE_MISMATCH when the pixels are neither grey nor RGB of 8 bits for the rows and columns
 * @source PS3.3 A.8.1
 */
export function buildSecondaryCapture(options: BuildSecondaryCaptureOptions): DataSet {
  const { source, rows, columns, pixels, derivation, now = new Date(), pixelSpacingMm } = options;
  const samplesPerPixel = pixels.length / (rows * columns);
  const bits = 8 * pixels.BYTES_PER_ELEMENT;
  if (samplesPerPixel !== 1 && !(samplesPerPixel === 3 && bits === 8)) {
    const expected = `${rows * columns} grey, or ${3 * rows * columns} of 8 bits`;
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'samples of a picture', got: pixels.length, expected });
  }
  const { date, time } = dateAndTime(now, source[0]);
  return createInstance({
    ...options,
    sopClassUid: SECONDARY_CAPTURE,
    modality: 'OT',
    attributes: {
      ImageType: ['DERIVED', 'SECONDARY'],
      ConversionType: 'WSD',
      ...lateralityAttributes(source),
      PatientOrientation: null,
      ContentDate: date,
      ContentTime: time,
      DateOfSecondaryCapture: date,
      TimeOfSecondaryCapture: time,
      BurnedInAnnotation: options.burnedInAnnotation ? 'YES' : 'NO',
      DerivationDescription: options.derivationDescription,
      DerivationCodeSequence: codeItems(derivation),
      SourceImageSequence: source.map(instanceReference),
      NominalScannedPixelSpacing: pixelSpacingMm && [...pixelSpacingMm],
      PixelSpacing: pixelSpacingMm && [...pixelSpacingMm],
      Rows: rows,
      Columns: columns,
      SamplesPerPixel: samplesPerPixel,
      PhotometricInterpretation: samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2',
      PlanarConfiguration: samplesPerPixel === 3 ? 0 : undefined,
      BitsAllocated: bits,
      BitsStored: bits,
      HighBit: bits - 1,
      PixelRepresentation: 0,
      PixelData: pixels,
    },
  });
}
