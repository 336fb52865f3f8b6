import type { LabelClass } from '@vesalius/medical';

export interface DatasetCase {
  readonly id: string;
  /** The case id unless a rule says otherwise. */
  readonly patient: string;
  /** Where it was scanned, by a rule. */
  readonly site?: string;
  /** One file a channel, `null` for one that is missing; or a single file that holds all channels as its fourth axis. */
  readonly images: readonly (string | null)[];
  readonly label?: string;
}

/** A folder of scans, as it lies on the disk; nothing but names and descriptions has been read. */
export interface Dataset {
  readonly name: string;
  readonly root: string;
  readonly layout: 'images-labels' | 'decathlon' | 'nnunet' | 'channel-files' | 'case-folders';
  readonly channels: readonly { readonly name: string }[];
  /** In ascending order of value; empty where nothing declares them and the label files have to be read. */
  readonly labels: readonly LabelClass[];
  /** In alphabetical order. Test images without labels that the description lists apart are left out. */
  readonly cases: readonly DatasetCase[];
}

/** What a layout finds before patients and sites are told apart. */
export type FoundCase = Omit<DatasetCase, 'patient' | 'site'>;
export type FoundDataset = Omit<Dataset, 'cases'> & { readonly cases: readonly FoundCase[] };
