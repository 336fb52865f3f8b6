import type { FoundSegmentation, SegmentLabel } from '@vesalius/api';
import { type DicomJson, type JsonElement, readDicom, readSegmentation, type Segment } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { Refusal } from '../http/refusal.ts';
import type { Access, Archive } from '../store/archive.ts';
import type { SeriesVolumes } from '../volumes/series-volumes.ts';
import type { AnnotationRows } from './annotation-rows.ts';
import type { AnnotationContent } from './annotations.ts';
import type { AnnotationRow } from './tables.ts';

interface ReadParts {
  readonly rows: AnnotationRows;
  readonly archive: Archive;
  readonly volumes: SeriesVolumes;
}

const TAGS = {
  modality: '00080060',
  study: '0020000D',
  series: '0020000E',
  instance: '00080018',
  contentLabel: '00700080',
  referencedSeries: '00081115',
  segments: '00620002',
  segmentLabel: '00620005',
} as const;

/** The SEG objects of the study that name the series as their source. */
export async function segmentationsOf(
  { archive, rows }: ReadParts,
  series: string,
  access: Access,
): Promise<FoundSegmentation[]> {
  const study = await studyOf(archive, series, access);
  const match = [
    { tag: TAGS.study, value: study },
    { tag: TAGS.modality, value: 'SEG' },
  ];
  const { matches } = await archive.find({ level: 'SERIES', match, include: [TAGS.series], access });
  const own = await rows.list({ series, limit: MOST }, access);
  const annotations = new Map(own.map((row) => [row.segmentation_instance, row.id]));
  const found: FoundSegmentation[] = [];
  for (const each of matches) {
    const records = await archive.instances({ study, series: textOf(each, TAGS.series) }, access);
    for await (const attributes of archive.metadata(records)) {
      const sources = itemsOf(attributes, TAGS.referencedSeries).map((item) => textOf(item, TAGS.series));
      if (sources.includes(series)) found.push(foundOf(attributes, annotations));
    }
  }
  return found;
}

const MOST = 1000;

function foundOf(attributes: DicomJson, annotations: ReadonlyMap<string | null, string>): FoundSegmentation {
  const instance = textOf(attributes, TAGS.instance);
  const annotation = annotations.get(instance);
  return {
    ...{ series: textOf(attributes, TAGS.series), instance, label: textOf(attributes, TAGS.contentLabel) },
    segments: itemsOf(attributes, TAGS.segments).map((item) => textOf(item, TAGS.segmentLabel)),
    ...(annotation === undefined ? {} : { annotation }),
  };
}

async function studyOf(archive: Archive, series: string, access: Access): Promise<string> {
  const query = {
    level: 'SERIES',
    match: [{ tag: TAGS.series, value: series }],
    include: [TAGS.study],
    access,
  } as const;
  const [found] = (await archive.find(query)).matches;
  if (found) return textOf(found, TAGS.study);
  throw new Refusal('NOT_FOUND', { what: 'series' });
}

interface StoredSegmentation {
  readonly sopInstanceUid: string;
  readonly access: Access;
}

/** The segments of a SEG on the grid of the annotation. */
export async function readStoredSegmentation(
  parts: ReadParts,
  { series, study }: AnnotationRow,
  { sopInstanceUid, access }: StoredSegmentation,
): Promise<AnnotationContent> {
  const { archive, volumes } = parts;
  const records = await archive.instances({ study }, access);
  const record = records.find((each) => each.sopInstanceUid === sopInstanceUid);
  if (record === undefined) throw new Refusal('NOT_FOUND', { what: 'segmentation in the study of the series' });
  const { volume } = await volumes.read(series, access);
  const file = archive.open(record);
  const dicom = await readDicom(new Uint8Array(await file.slice(0, file.size).arrayBuffer()));
  const { labels, segments } = await readSegmentation(dicom, { grid: volume });
  const { voxels } = labels();
  if (voxels instanceof Uint16Array)
    throw new VesaliusError('LABEL_OUT_OF_RANGE', { what: 'number of a segment', expected: 'at most 255' });
  return { mask: voxels, segments: segments.map(labelOf) };
}

/** Colours for segments that name none. */
const COLORS = ['#e6553c', '#3ca0e6', '#5ac85a', '#e6c83c', '#b464dc', '#3cd2c8', '#f08cb4', '#a0a03c'];

function labelOf({ number, label, color, category, type }: Segment): SegmentLabel {
  const hex = color && `#${Buffer.from(color).toString('hex')}`;
  return {
    value: number,
    name: label.slice(0, 64) || `Segment ${number}`,
    color: hex ?? COLORS[(number - 1) % COLORS.length] ?? '#ffffff',
    category: { value: category.value, scheme: category.scheme, meaning: category.meaning },
    type: { value: type.value, scheme: type.scheme, meaning: type.meaning },
  };
}

function textOf(item: DicomJson, tag: string): string {
  return String(item[tag]?.Value?.[0] ?? '');
}

function itemsOf(item: DicomJson, tag: string): readonly DicomJson[] {
  return ((item[tag] as JsonElement | undefined)?.Value ?? []) as unknown as readonly DicomJson[];
}
