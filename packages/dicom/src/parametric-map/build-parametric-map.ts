import { VesaliusError } from '@vesalius/errors';
import type { Volume } from '@vesalius/volume';
import { type Code, codeNamed } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { codeItems } from '../objects/code-items.ts';
import type { DataSetRecord } from '../objects/create-data-set.ts';
import { createInstance, dateAndTime, type InstanceOptions } from '../objects/create-instance.ts';
import { lossyAttributes } from '../objects/lossy.ts';
import { multiFrameAttributes } from '../objects/multi-frame.ts';
import { onSource } from '../objects/on-source.ts';
import { planesOf } from '../objects/planes.ts';
import { lateralityAttributes, seriesReferences } from '../objects/references.ts';

export interface BuildParametricMapOptions extends InstanceOptions {
  /** The images it was computed from; pixel data are not needed. */
  readonly source: readonly DataSet[];
  /** On any grid whose axes are those of the source's, in any order. */
  readonly content: Volume<Float32Array> | Volume<Float64Array>;
  /** UCUM; `codeNamed('UCUM', 'NoUnits')` for none. */
  readonly unit: Code;
  /** What the values are: context group 7180. */
  readonly quantity?: Code;
  /** How it was computed: of context group 7203. */
  readonly derivation: Code;
  /** At most 16 characters. */
  readonly label: string;
  readonly explanation?: string;
  /** The range shown first; the whole range of the values without it. */
  readonly window?: { readonly center: number; readonly width: number };
  /** PRODUCT for a result that may be used for care; RESEARCH without it. */
  readonly qualification?: 'PRODUCT' | 'RESEARCH' | 'SERVICE';
}

const PARAMETRIC_MAP = '1.2.840.10008.5.1.4.1.1.30';
const IMAGE_TYPE = ['DERIVED', 'PRIMARY', 'VOLUME', 'QUANTITY'];

/**
 * A parametric map of floating-point values that mean what they are: its mapping to the real world is the identity.
 *
 * @throws VALUE_INVALID over a picture without a place, which the standard has no parametric map for, NOT_FINITE when a value is infinite or none at all, and as `buildSegmentation` for what does not belong together
 * @source PS3.3 A.75, C.8.32
 */
export function buildParametricMap(options: BuildParametricMapOptions): DataSet {
  const { source, now = new Date() } = options;
  const planes = source.flatMap(planesOf);
  const map = onSource<Float32Array | Float64Array>(options.content, planes);
  const range = rangeOf(map.voxels);
  const { date, time } = dateAndTime(now, source[0]);
  return createInstance({
    ...options,
    sopClassUid: PARAMETRIC_MAP,
    modality: source[0]?.string('Modality') ?? 'OT',
    attributes: {
      ...lateralityAttributes(source),
      ImageType: IMAGE_TYPE,
      ContentDate: date,
      ContentTime: time,
      ContentLabel: 'PARAMETRIC_MAP',
      ContentDescription: options.explanation?.slice(0, 64) ?? null,
      ContentCreatorName: null,
      ContentQualification: options.qualification ?? 'RESEARCH',
      BurnedInAnnotation: 'NO',
      RecognizableVisualFeatures: 'NO',
      PresentationLUTShape: 'IDENTITY',
      AcquisitionContextSequence: null,
      ...lossyAttributes(source),
      ReferencedSeriesSequence: seriesReferences(source, 'ReferencedInstanceSequence'),
      ...pixelAttributes(map),
      ...multiFrameAttributes({
        grid: map,
        frames: Array.from({ length: map.size[2] }, (_, slice) => ({ slice })),
        source: planes,
        derivation: options.derivation,
        purpose: codeNamed('DCM', 'SourceImageForImageProcessingOperation'),
        shared: sharedGroups(options, range),
      }),
    },
  });
}

type Range = readonly [lowest: number, highest: number];

function rangeOf(voxels: Float32Array | Float64Array): Range {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of voxels) {
    if (!Number.isFinite(value))
      throw new VesaliusError('NOT_FINITE', { what: 'value of a parametric map', got: value, expected: 'a number' });
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return [lowest, highest];
}

function pixelAttributes({ size, voxels }: Volume<Float32Array | Float64Array>): DataSetRecord {
  const double = voxels instanceof Float64Array;
  return {
    Rows: size[1],
    Columns: size[0],
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: double ? 64 : 32,
    ...(double ? { DoubleFloatPixelData: voxels } : { FloatPixelData: voxels }),
  };
}

function sharedGroups(options: BuildParametricMapOptions, [lowest, highest]: Range): DataSetRecord {
  const { unit, quantity, label, explanation, window } = options;
  const center = window?.center ?? (lowest + highest) / 2;
  const width = window?.width ?? Math.max(highest - lowest, 1e-6);
  return {
    ParametricMapFrameTypeSequence: [{ FrameType: IMAGE_TYPE }],
    FrameVOILUTSequence: [{ WindowCenter: center, WindowWidth: width, VOILUTFunction: 'LINEAR_EXACT' }],
    PixelValueTransformationSequence: [{ RescaleIntercept: 0, RescaleSlope: 1, RescaleType: 'US' }],
    RealWorldValueMappingSequence: [
      {
        DoubleFloatRealWorldValueFirstValueMapped: lowest,
        DoubleFloatRealWorldValueLastValueMapped: highest,
        RealWorldValueIntercept: 0,
        RealWorldValueSlope: 1,
        LUTLabel: label,
        LUTExplanation: explanation ?? label,
        MeasurementUnitsCodeSequence: codeItems(unit),
        QuantityDefinitionSequence: quantity && [
          {
            ValueType: 'CODE',
            ConceptNameCodeSequence: codeItems({ value: '246205007', scheme: 'SCT', meaning: 'Quantity' }),
            ConceptCodeSequence: codeItems(quantity),
          },
        ],
      },
    ],
  };
}
