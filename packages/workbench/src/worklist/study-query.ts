import type { AnnotationState } from '@vesalius/api';

/** A study as a row shows it. */
export interface StudyEntry {
  readonly uid: string;
  /** `Jones Anna`; '' where it has none. */
  readonly name: string;
  readonly patientId: string;
  /** ISO 8601; '' where it has none. */
  readonly date: string;
  readonly description: string;
  readonly modalities: readonly string[];
  readonly series: number;
  readonly images: number;
}

/** `unlabelled`: nobody began. */
export type LabelState = AnnotationState | 'unlabelled';

export interface StudyFilter {
  readonly text: string;
  /** '' for all. */
  readonly project: string;
  readonly modality: string;
  readonly state: LabelState | '';
  /** ISO 8601 dates of the first and the last day; '' for no limit. */
  readonly from: string;
  readonly to: string;
}

export const NO_FILTER: StudyFilter = { text: '', project: '', modality: '', state: '', from: '', to: '' };

type Json = Readonly<Record<string, { readonly Value?: readonly unknown[] } | undefined>>;

const FIELDS = 'StudyDescription,ModalitiesInStudy,NumberOfStudyRelatedSeries,NumberOfStudyRelatedInstances';

/**
 * The search of QIDO-RS that a filter means; words of names are found by their beginnings, digits may be an ID too.
 *
 * @source DICOM PS3.18 10.6
 */
export function qidoAddresses(
  { text, project, modality, from, to }: StudyFilter,
  page: { limit: number; offset: number },
): string[] {
  const root = project === '' ? '/dicom-web/studies' : `/projects/${encodeURIComponent(project)}/dicom-web/studies`;
  const address = (more: Readonly<Record<string, string>>) => {
    const query = new URLSearchParams({ limit: String(page.limit), offset: String(page.offset), includefield: FIELDS });
    if (from !== '' || to !== '') query.set('StudyDate', `${digits(from)}-${digits(to)}`);
    if (modality !== '') query.set('ModalitiesInStudy', modality);
    for (const [key, value] of Object.entries(more)) query.set(key, value);
    return `${root}?${query}`;
  };
  const words = text.trim();
  if (words === '') return [address({})];
  const any = `*${words.replaceAll(/[*?\\]/g, '')}*`;
  return [
    address({ PatientName: words, fuzzymatching: 'true' }),
    address({ PatientID: any }),
    address({ AccessionNumber: any }),
    address({ StudyDescription: any }),
  ];
}

const digits = (date: string): string => date.replaceAll('-', '');

/** A match of QIDO-RS as a row. */
export function studyOf(match: unknown): StudyEntry {
  const json = match as Json;
  const first = (tag: string) => json[tag]?.Value?.[0];
  const name = (first('00100010') as { Alphabetic?: string } | undefined)?.Alphabetic ?? '';
  return {
    uid: String(first('0020000D') ?? ''),
    name: name.replaceAll('^', ' ').replaceAll(/\s+/g, ' ').trim(),
    patientId: String(first('00100020') ?? ''),
    date: String(first('00080020') ?? '').replace(/^(\d{4})\.?(\d\d)\.?(\d\d)$/, '$1-$2-$3'),
    description: String(first('00081030') ?? ''),
    modalities: (json['00080061']?.Value ?? []).map(String),
    series: Number(first('00201206') ?? 0),
    images: Number(first('00201208') ?? 0),
  };
}

export type SortKey = 'name' | 'date' | 'description' | 'images';

export interface Order {
  readonly by: SortKey;
  readonly down: boolean;
}

/** As the archive gives them: the newest first. */
export const NEWEST_FIRST: Order = { by: 'date', down: true };

export function sortStudies(studies: readonly StudyEntry[], { by, down }: Order): StudyEntry[] {
  const compare = (a: StudyEntry, b: StudyEntry): number =>
    by === 'images' ? a.images - b.images : a[by].localeCompare(b[by], undefined, { numeric: true });
  return studies.toSorted((a, b) => (down ? -compare(a, b) : compare(a, b)));
}

/** What QIDO-RS does not know: the state of the labels. */
export function matches(_: StudyEntry, state: AnnotationState | undefined, filter: StudyFilter): boolean {
  return filter.state === '' || (state ?? 'unlabelled') === filter.state;
}
