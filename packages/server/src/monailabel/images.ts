import type { DicomJson } from '@vesalius/dicom';
import { createDicomFile, writeDicom } from '@vesalius/dicom';
import { Refusal } from '../http/refusal.ts';
import type { Access, Archive, StoreOutcome } from '../store/archive.ts';
import type { Database } from '../store/database.ts';
import { instancesOfVolume, isVolumeFile } from '../store/instances-of-volume.ts';
import { NO_IMAGES } from '../store/no-images.ts';
import type { ArchiveTables } from '../store/tables.ts';
import { fileNameOf } from './file-name.ts';
import type { ImageNote, ImageNotes } from './image-notes.ts';
import type { FormFile } from './read-form.ts';

type Info = Readonly<Record<string, unknown>>;

/** A series of images, under the id that clients know it by. */
export interface Image {
  /** The series' UID, or the name it was sent under. */
  readonly id: string;
  readonly series: string;
  readonly study: string;
  /** What MONAI Label's own store says of a series, and what clients added. */
  readonly info: Info;
}

export interface UploadOptions {
  readonly name?: string;
  readonly project: string;
  readonly access: Access;
  readonly from: string;
  readonly params: Info;
}

/** The archive as a store of images: MONAI Label's word for what can be annotated. */
export interface Images {
  all(access: Access): AsyncIterable<Image>;
  count(access: Access): Promise<number>;
  /** @throws NOT_FOUND */
  get(id: string, access: Access): Promise<Image>;
  /** Puts NIfTI, NRRD or DICOM into the archive. @throws Refusal BAD_REQUEST, as reading does */
  add(file: FormFile, options: UploadOptions): Promise<Image>;
  addInfo(image: Image, info: Info): Promise<Image>;
}

const FIELDS = {
  StudyDate: '00080020',
  StudyTime: '00080030',
  Modality: '00080060',
  PatientID: '00100020',
  StudyInstanceUID: '0020000D',
  SeriesInstanceUID: '0020000E',
} as const;
const INCLUDED = Object.values(FIELDS);
const PAGE = 1000;

export function openImages(archive: Archive, notes: ImageNotes, database: Database): Images {
  const found = async (series: string, access: Access): Promise<Image | undefined> => {
    const match = [{ tag: FIELDS.SeriesInstanceUID, value: series }];
    const { matches } = await archive.find({ level: 'SERIES', match, include: INCLUDED, limit: 1, access });
    return matches[0] && imageOf(matches[0], await notes.get(series));
  };
  const get = async (id: string, access: Access): Promise<Image> => {
    const series = [...(await notes.named(id)), ...(/^[\d.]{1,64}$/.test(id) ? [id] : [])];
    for (const each of series) {
      const image = await found(each, access);
      if (image !== undefined) return image;
    }
    throw new Refusal('NOT_FOUND', { what: 'image', expected: 'the UID of a series, or the name it was sent under' });
  };

  return {
    get,
    count: (access) => countSeries(database, access),
    all: async function* (access) {
      const noted = await notes.all();
      for (let offset = 0; ; offset += PAGE) {
        const page = { level: 'SERIES', match: [], include: INCLUDED, offset, limit: PAGE, access } as const;
        const { matches, more } = await archive.find(page);
        for (const match of matches) {
          const image = imageOf(match, noted.get(textOf(match, FIELDS.SeriesInstanceUID)));
          if (!NO_IMAGES.includes(String(image.info['Modality']))) yield image;
        }
        if (!more) return;
      }
    },
    add: async (file, options) => {
      const { name, access, params: info } = options;
      const series = await store(archive, file, options);
      await notes.keep(series, { info, ...(name === undefined || name === series ? {} : { name }) });
      return get(series, access);
    },
    addInfo: async (image, info) => ({
      ...image,
      info: { ...image.info, ...(await notes.addInfo(image.series, info)) },
    }),
  };
}

async function countSeries(database: Database, { projects }: Access): Promise<number> {
  const row = await database
    .tables<ArchiveTables>()
    .selectFrom('series')
    .innerJoin('study', 'study.id', 'series.study_id')
    .select(({ fn }) => fn.countAll<number | string | bigint>().as('count'))
    .where(({ or, eb }) => or([eb('modality', 'is', null), eb('modality', 'not in', [...NO_IMAGES])]))
    .$if(projects !== 'all', (query) => query.where('study.project', 'in', [...projects, '']))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

function imageOf(match: DicomJson, note?: ImageNote): Image {
  const series = textOf(match, FIELDS.SeriesInstanceUID);
  const fields = Object.entries(FIELDS).map(([name, tag]) => [name, textOf(match, tag) || 'UNK']);
  const id = note?.name ?? series;
  const info = { name: fileNameOf(id), ...Object.fromEntries(fields), ...note?.info };
  return { id, series, study: textOf(match, FIELDS.StudyInstanceUID), info };
}

function textOf(match: DicomJson, tag: string): string {
  return String(match[tag]?.Value?.[0] ?? '');
}

async function store(archive: Archive, { name, bytes }: FormFile, options: UploadOptions): Promise<string> {
  const { project, access, from } = options;
  const target = { source: { kind: 'product', from: `monailabel ${from}` }, project, access } as const;
  const files = isVolumeFile(name)
    ? (await instancesOfVolume(bytes, name)).map((slice) => writeDicom(createDicomFile(slice)))
    : [bytes];
  let series = '';
  for (const file of files) series = storedSeries(await archive.store(await file, target));
  return series;
}

function storedSeries(outcome: StoreOutcome): string {
  if (outcome.status !== 'refused') return outcome.instance.seriesInstanceUid;
  if (outcome.reason === 'not authorized') throw new Refusal('NOT_ALLOWED', { what: outcome.what });
  throw new Refusal('BAD_REQUEST', { what: outcome.what, expected: '.nii, .nii.gz, .nrrd or a DICOM file' });
}
