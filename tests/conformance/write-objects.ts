// Writes one file of every kind of object we build, over the series of objects-series.ts: `node write-objects.ts FOLDER`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  buildMeasurementReport,
  buildSegmentation,
  codeNamed,
  createDicomFile,
  type DataSet,
  type MeasurementReport,
  type Segment,
  writeDicom,
} from '@vesalius/dicom';
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
    'sr-1500': buildMeasurementReport({ evidence: [...source, segmentation], report }),
  };
}

export async function writeObjects(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const series = Object.fromEntries(ctSeries().map((one, i) => [`ct-${i}`, one]));
  for (const [name, dataSet] of Object.entries({ ...series, ...allObjects() }))
    await writeFile(join(folder, `${name}.dcm`), await writeDicom(createDicomFile(dataSet)));
}

if (import.meta.main) await writeObjects(process.argv[2] ?? '.');
