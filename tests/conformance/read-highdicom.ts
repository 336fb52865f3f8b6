import {
  type DicomFile,
  decodeFrame,
  readDicom,
  readMeasurementReport,
  readParametricMap,
  readPresentationState,
  readSegmentation,
} from '@vesalius/dicom';
import { organLabels } from './objects-series.ts';

/** What `golden/make/objects.py` says that a file holds. */
type Holds =
  | { readonly kind: 'segmentation'; readonly masks: readonly string[] }
  | { readonly kind: 'map'; readonly values: string; readonly unit: string; readonly quantity: string }
  | { readonly kind: 'report'; readonly groups: readonly unknown[] }
  | {
      readonly kind: 'state';
      readonly window: readonly [number, number];
      readonly graphics: readonly unknown[];
      readonly texts: readonly unknown[];
      readonly images: readonly string[];
    }
  | { readonly kind: 'picture'; readonly pixels: string };

/** Files of highdicom with what they hold. */
export interface HighdicomFiles {
  readonly files: Readonly<Record<string, { readonly base64: string; readonly holds: Holds }>>;
}

/** Pairs of what we read in a file and what its writer put there; the same when all is well. */
export async function readHighdicom({ base64, holds }: HighdicomFiles['files'][string]): Promise<[unknown, unknown]> {
  const file = await readDicom(Uint8Array.from(Buffer.from(base64, 'base64')));
  switch (holds.kind) {
    case 'segmentation':
      return segmentation(file, holds.masks);
    case 'map':
      return map(file, holds);
    case 'report':
      return [groupsOf(file), holds.groups];
    case 'state':
      return [stateOf(file), holds];
    case 'picture':
      return [Buffer.from((await decodeFrame(file)).samples as Uint8Array).toString('base64'), holds.pixels];
  }
}

async function segmentation(file: DicomFile, masks: readonly string[]): Promise<[unknown, unknown]> {
  const read = await readSegmentation(file, { grid: organLabels() });
  const about = read.segments.map(({ number, label, type, algorithm, trackingId }) => [
    number,
    label,
    type.meaning,
    algorithm.family?.value,
    trackingId,
  ]);
  const got = read.segments.map(({ number }) => Array.from(read.mask(number).voxels, Math.fround));
  const expected = masks.map((text) => [...new Float32Array(bufferOf(text))]);
  return [
    { got, about },
    {
      got: expected,
      about: ['Liver', 'Spleen'].map((name, i) => [i + 1, name, name, '123110', name]),
    },
  ];
}

function bufferOf(base64: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(base64, 'base64')).buffer;
}

async function map(file: DicomFile, holds: Extract<Holds, { kind: 'map' }>): Promise<[unknown, unknown]> {
  const maps = await readParametricMap(file);
  const { values, ...meaning } = holds;
  return [
    maps.map(({ volume, unit, quantity }) => [
      { kind: 'map', unit: unit?.value, quantity: quantity?.value },
      [...volume.voxels],
      volume.voxelToLps.matrix.map((value) => Math.round(value * 1e6) / 1e6),
    ]),
    [
      [
        meaning,
        [...new Float64Array(bufferOf(values))],
        organLabels().voxelToLps.matrix.map((value) => Math.round(value * 1e6) / 1e6),
      ],
    ],
  ];
}

function groupsOf({ dataSet }: DicomFile): unknown {
  return readMeasurementReport(dataSet).groups.map(
    ({ trackingId, trackingUid, finding, findingSites = [], measurements = [], regions }) => ({
      id: trackingId,
      uid: trackingUid,
      finding: finding?.value ?? null,
      site: findingSites.flatMap(({ site, laterality }) => [site.value, ...(laterality ? [laterality.value] : [])]),
      numbers: measurements.map(({ name, value, unit }) => [name.value, value, unit?.value]),
      region: regions?.[0]?.kind,
    }),
  );
}

function stateOf({ dataSet }: DicomFile): unknown {
  const { voi, annotations } = readPresentationState(dataSet);
  const [first] = voi[0]?.transforms ?? [];
  return {
    kind: 'state',
    window: first?.kind === 'linear' ? [first.center, first.width] : [],
    graphics: annotations.flatMap(({ graphics = [] }) =>
      graphics.map(({ kind, points, filled }) => [kind, points, filled]),
    ),
    texts: annotations.flatMap(({ texts = [] }) => texts.map(({ text, anchor }) => [text, anchor])),
    images: annotations.flatMap(({ imageUids = [] }) => imageUids),
  };
}
