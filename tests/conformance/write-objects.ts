// Writes one file of every kind of object we build, over the series of objects-series.ts: `node write-objects.ts FOLDER`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Annotation,
  buildMeasurementReport,
  buildParametricMap,
  buildPresentationState,
  buildSecondaryCapture,
  buildSegmentation,
  buildStructureSet,
  codeNamed,
  createDicomFile,
  type DataSet,
  type MeasurementReport,
  reportSegmentation,
  type Segment,
  writeDicom,
} from '@vesalius/dicom';
import { createVolume, type Volume } from '@vesalius/volume';
import { ctSeries, onSeries, organLabels } from './objects-series.ts';

const algorithm = {
  type: 'AUTOMATIC',
  name: 'phantom',
  version: '1',
  family: codeNamed('DCM', 'ArtificialIntelligence'),
} as const;
const category = codeNamed('SCT', 'AnatomicalStructure');
export const SEGMENTS: readonly Segment[] = [
  {
    number: 1,
    label: 'Leber',
    category,
    type: codeNamed('SCT', 'Liver'),
    algorithm,
    color: [200, 60, 40],
    trackingId: 'liver',
    trackingUid: '2.25.1001',
  },
  { number: 2, label: 'Spleen', category, type: codeNamed('SCT', 'Spleen'), algorithm, color: [90, 10, 120] },
];

/** A segment, an ellipse on an image and a polygon in the patient, measured and judged. */
export function phantomReport(segmentation: DataSet): MeasurementReport {
  const source = ctSeries();
  const reference = (one: DataSet) => ({
    sopClassUid: one.string('SOPClassUID') ?? '',
    sopInstanceUid: one.string('SOPInstanceUID') ?? '',
  });
  const image = reference(source[1] as DataSet);
  const millimetre = codeNamed('UCUM', 'Millimeter');
  const liver = { site: codeNamed('SCT', 'Liver') };
  return {
    observers: [
      { kind: 'person', name: 'Doe^Jane' },
      { kind: 'device', uid: '2.25.77', name: 'Vesalius' },
    ],
    procedure: { value: '24727-0', scheme: 'LN', meaning: 'CT Head W contrast IV' },
    images: source.map(reference),
    groups: [
      {
        trackingId: 'liver',
        trackingUid: '2.25.1001',
        findingCategory: codeNamed('SCT', 'AnatomicalStructure'),
        finding: codeNamed('SCT', 'Liver'),
        findingSites: [liver],
        regions: [
          {
            kind: 'segment',
            segment: { ...reference(segmentation), segments: [1] },
            sourceSeriesUid: source[0]?.string('SeriesInstanceUID') ?? '',
          },
        ],
        measurements: [
          { name: codeNamed('SCT', 'Volume'), value: 54.84375, unit: codeNamed('UCUM', 'CubicMillimeter') },
          {
            name: codeNamed('DCM', 'AttenuationCoefficient'),
            value: 1 / 3,
            unit: codeNamed('UCUM', 'HounsfieldUnit'),
            derivation: codeNamed('SCT', 'Mean'),
          },
        ],
      },
      {
        trackingId: 'nodule',
        trackingUid: '2.25.1002',
        finding: codeNamed('SCT', 'Nodule'),
        findingSites: [{ ...liver, laterality: codeNamed('SCT', 'Right') }],
        regions: [{ kind: 'image', graphic: 'ELLIPSE', points: [1, 2.5, 5, 2.5, 3, 1.5, 3, 3.5], image }],
        measurements: [{ name: codeNamed('SCT', 'Length'), value: 3.25, unit: millimetre }],
        evaluations: [
          { name: { value: 'MALIGNANCY', scheme: '99VESALIUS', meaning: 'Malignancy' }, value: 'not likely' },
          { name: { value: 'MARGIN', scheme: '99VESALIUS', meaning: 'Margin' }, value: codeNamed('SCT', 'Nodule') },
        ],
      },
      {
        trackingId: 'outline',
        trackingUid: '2.25.1003',
        regions: [
          {
            kind: 'patient',
            graphic: 'POLYGON',
            points: [-8, 20, 30, -6, 20, 30, -6, 21.5, 31.125, -8, 20, 30],
            frameOfReferenceUid: source[0]?.string('FrameOfReferenceUID') ?? '',
          },
        ],
        measurements: [{ name: codeNamed('SCT', 'Length'), value: 12, unit: millimetre }],
      },
    ],
  };
}

export const ANNOTATIONS: readonly Annotation[] = [
  {
    layer: 'FINDINGS',
    imageUids: [ctSeries()[1]?.string('SOPInstanceUID') ?? ''],
    graphics: [
      { kind: 'POINT', units: 'PIXEL', points: [2.5, 3.5] },
      { kind: 'POLYLINE', units: 'PIXEL', points: [1, 1, 5, 1, 5, 4, 1, 1], filled: true },
      { kind: 'CIRCLE', units: 'PIXEL', points: [4, 3, 4, 5], filled: false },
    ],
    texts: [{ text: 'Knötchen', units: 'PIXEL', anchor: [2.5, 3.5], anchorVisible: true }],
  },
  { layer: 'NOTES', texts: [{ text: 'phantom', units: 'DISPLAY', box: [0, 0, 0.5, 0.125] }] },
];

const MAP = {
  unit: codeNamed('UCUM', 'NoUnits'),
  quantity: codeNamed('DCM', 'AttenuationCoefficient'),
  derivation: codeNamed('DCM', 'PixelByPixelMean'),
  label: 'PHANTOM',
  explanation: 'noise of the phantom',
} as const;

/** Every kind of object, by the name of its file. */
export function allObjects(): Record<string, DataSet> {
  const source = ctSeries();
  const labels = organLabels();
  const fraction = onSeries(Float32Array.from(labels.voxels, (value, i) => (value === 1 ? 0.25 + (i % 3) / 4 : 0)));
  const overlapping = [1, 2].map((least) => onSeries(labels.voxels.map((value) => Number(value >= least))));
  const segments = SEGMENTS;
  const segmentation = buildSegmentation({ source, content: labels, segments });
  const report = phantomReport(segmentation);
  return {
    'seg-binary': segmentation,
    'seg-overlap': buildSegmentation({ source, content: overlapping, segments }),
    'seg-fractional': buildSegmentation({
      source,
      type: 'FRACTIONAL',
      content: [fraction],
      segments: segments.slice(0, 1),
    }),
    'seg-labelmap': buildSegmentation({ source, type: 'LABELMAP', content: labels, segments }),
    'seg-picture': buildSegmentation({ source: [radiograph()], content: onPicture(labels), segments }),
    'sr-1500': buildMeasurementReport({ evidence: [...source, segmentation], report }),
    'sr-volumes': reportSegmentation({
      segmentation,
      observers: [{ kind: 'person', name: 'Doe^Jane' }],
      volumesMm3: new Map(segments.map(({ number }) => [number, 1000 * number])),
      verified: { name: 'Roe^Ann', organization: 'Phantom', at: new Date(0) },
    }),
    'pm-float': buildParametricMap({ source, content: ramp(Float32Array), ...MAP }),
    'pm-double': buildParametricMap({ source, content: ramp(Float64Array), ...MAP }),
    rtstruct: buildStructureSet({
      source,
      label: 'PHANTOM',
      regions: [1, 2].map((value) => ({
        name: `organ ${value}`,
        content: onSeries(labels.voxels.map((voxel) => Number(voxel === value))),
        algorithm: 'AUTOMATIC',
        interpretedType: 'ORGAN',
        color: [200, 60 * value, 40],
      })),
    }),
    gsps: buildPresentationState({
      source,
      label: 'PHANTOM',
      annotations: ANNOTATIONS,
      window: { center: 40, width: 400 },
    }),
    'sc-rgb': buildSecondaryCapture({ ...CAPTURE, source, pixels: picture(3) }),
    'sc-grey': buildSecondaryCapture({ ...CAPTURE, source, pixels: picture(1), pixelSpacingMm: [0.5, 0.5] }),
  };
}

/** The second slice as if it had no place in the patient. */
function radiograph(): DataSet {
  const [, second] = ctSeries() as [DataSet, DataSet];
  return second.without('ImagePositionPatient', 'ImageOrientationPatient', 'FrameOfReferenceUID');
}

function onPicture({ voxels, size: [columns, rows] }: Volume<Uint8Array>): Volume<Uint8Array> {
  return createVolume({ voxels: voxels.slice(columns * rows, 2 * columns * rows), size: [columns, rows, 1] });
}

const CAPTURE = {
  rows: 6,
  columns: 5,
  burnedInAnnotation: false,
  derivationDescription: 'picture of the phantom',
  derivation: codeNamed('DCM', 'MaximumIntensityProjection'),
} as const;

function picture(samples: number): Uint8Array {
  return Uint8Array.from({ length: CAPTURE.rows * CAPTURE.columns * samples }, (_, i) => (i * 7) % 256);
}

/** Values that say where they are. */
export function ramp<V extends Float32Array | Float64Array>(Type: new (values: number[]) => V): Volume<V> {
  return onSeries(new Type(Array.from(organLabels().voxels, (_, i) => i / 8 - 3)));
}

export async function writeObjects(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const series = Object.fromEntries(ctSeries().map((one, i) => [`ct-${i}`, one]));
  for (const [name, dataSet] of Object.entries({ ...series, ...allObjects() }))
    await writeFile(join(folder, `${name}.dcm`), await writeDicom(createDicomFile(dataSet)));
}

if (import.meta.main) await writeObjects(process.argv[2] ?? '.');
