import type { AgreementAnswer, AnnotationAnswer, AnnotationState, SegmentLabel } from '@vesalius/api';
import type { Principal } from '../http/principal.ts';
import type { Access } from '../store/archive.ts';

/** Whose work it is: a person, or a model. */
export interface Annotator {
  readonly id: string;
  readonly name: string;
  readonly kind: 'person' | 'model';
}

export type Annotation = AnnotationAnswer;

export interface AnnotationFilter {
  readonly project?: string;
  readonly study?: string;
  readonly series?: string;
  readonly annotator?: string;
  readonly states?: readonly AnnotationState[];
  readonly limit?: number;
}

/** What is saved: the whole label map, on the grid of the series' volume. */
export interface AnnotationContent {
  /** A value for each voxel, x fastest. */
  readonly mask: Uint8Array;
  readonly segments: readonly SegmentLabel[];
  /** Time at work since the last save; adds up. */
  readonly secondsSpent?: number;
  /** The model whose proposal it began with. */
  readonly model?: string;
}

/**
 * Label maps of series, one of each annotator: drafts that are saved as they grow, handed in as DICOM SEG, reviewed. Every save counts the
 * revision up; who saves says which one was read, so that a second tab never takes the place of the first.
 */
export interface Annotations {
  /** Newest first. */
  list(filter: AnnotationFilter, access: Access): Promise<readonly Annotation[]>;
  get(id: string, access: Access): Promise<Annotation | undefined>;
  /** The annotator's own of the series; an empty draft is made where there is none. @throws as `SeriesVolumes.read` */
  open(series: string, annotator: Annotator, access: Access): Promise<Annotation>;
  /** A value for each voxel, x fastest. */
  readMask(id: string, access: Access): Promise<Uint8Array>;
  /** @throws REVISION_CONFLICT when another save came between, GEOMETRY_MISMATCH, LABEL_OUT_OF_RANGE */
  save(
    id: string,
    content: AnnotationContent,
    options: { readonly ifRevision: number; readonly access: Access },
  ): Promise<Annotation>;
  /** Writes the SEG with its provenance into the archive. */
  submit(id: string, by: Principal, access: Access): Promise<Annotation>;
  review(
    id: string,
    verdict: { readonly state: 'approved' | 'rejected'; readonly comment?: string },
    by: Principal,
    access: Access,
  ): Promise<Annotation>;
  remove(id: string, access: Access): Promise<boolean>;
  /** Of those handed in for a series: Dice of each pair, majority vote, STAPLE. */
  agreement(series: string, access: Access): Promise<AgreementAnswer>;
  /** The classes that are annotated in a project, and its strategy for what comes next. */
  labelsOf(project: string): Promise<readonly SegmentLabel[]>;
  setLabels(project: string, labels: readonly SegmentLabel[]): Promise<void>;
}
