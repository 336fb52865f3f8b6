// Writes one file of every kind of object we build, over the series of objects-series.ts: `node write-objects.ts FOLDER`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSegmentation, codeNamed, createDicomFile, type DataSet, type Segment, writeDicom } from '@vesalius/dicom';
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

/** Every kind of object, by the name of its file. */
export function allObjects(): Record<string, DataSet> {
  const source = ctSeries();
  const labels = organLabels();
  const fraction = onSeries(Float32Array.from(labels.voxels, (value, i) => (value === 1 ? 0.25 + (i % 3) / 4 : 0)));
  const overlapping = [1, 2].map((least) => onSeries(labels.voxels.map((value) => Number(value >= least))));
  const segments = SEGMENTS;
  return {
    'seg-binary': buildSegmentation({ source, content: labels, segments }),
    'seg-overlap': buildSegmentation({ source, content: overlapping, segments }),
    'seg-fractional': buildSegmentation({
      source,
      type: 'FRACTIONAL',
      content: [fraction],
      segments: segments.slice(0, 1),
    }),
    'seg-labelmap': buildSegmentation({ source, type: 'LABELMAP', content: labels, segments }),
  };
}

export async function writeObjects(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const series = Object.fromEntries(ctSeries().map((one, i) => [`ct-${i}`, one]));
  for (const [name, dataSet] of Object.entries({ ...series, ...allObjects() }))
    await writeFile(join(folder, `${name}.dcm`), await writeDicom(createDicomFile(dataSet)));
}

if (import.meta.main) await writeObjects(process.argv[2] ?? '.');
