import type {
  AgreementAnswer,
  AnnotationAnswer,
  AnnotationState,
  ConsensusMethod,
  FoundSegmentation,
  HistoryAnswer,
  SegmentLabel,
} from '@vesalius/api';
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
  /** The mask, as it came packed. */
  readonly gzip?: Uint8Array;
  readonly segments: readonly SegmentLabel[];
  /** Time at work since the last save; adds up. */
  readonly secondsSpent?: number;
  /** The model whose proposal it began with. */
  readonly model?: string;
}

export interface SaveOptions {
  readonly ifRevision: number;
  readonly access: Access;
  /** The name of who saves; the annotator's without it. */
  readonly by?: string;
}

export interface Verdict {
  readonly state: 'approved' | 'rejected';
  readonly comment?: string;
}

export interface UnlabelledOptions {
  /** Who asks: what another opened in the last hours is left out. */
  readonly annotator?: string;
  /** In random order, or the oldest first. */
  readonly order: 'random' | 'first';
  readonly limit: number;
}

/**
 * Label maps of series, of each annotator usually one: drafts that are saved as they grow, handed in as DICOM SEG, reviewed. Every save counts the
 * revision up; who saves says which one was read, so that a second tab never takes the place of the first.
 */
export interface Annotations {
  /** Newest first. */
  list(filter: AnnotationFilter, access: Access): Promise<readonly Annotation[]>;
  /** The furthest state of the label maps of each study; the caller has seen to it that they may be seen. */
  furthestOf(studies: readonly string[]): Promise<ReadonlyMap<string, AnnotationState>>;
  get(id: string, access: Access): Promise<Annotation | undefined>;
  /**
   * The annotator's own of the series, of several the one changed last; an empty draft is made where there is none.
   *
   * @throws as `SeriesVolumes.read`
   */
  open(series: string, annotator: Annotator, access: Access): Promise<Annotation>;
  /** An empty draft besides what the annotator has of the series. @throws as `SeriesVolumes.read` */
  openFurther(series: string, annotator: Annotator, access: Access): Promise<Annotation>;
  /** A value for each voxel, x fastest. */
  readMask(id: string, access: Access): Promise<Uint8Array>;
  /** The same, gzip, with the revision that it is of. */
  readPackedMask(id: string, access: Access): Promise<{ readonly gzip: Uint8Array; readonly revision: number }>;
  /**
   * Makes a draft again of what was handed in or rejected.
   *
   * @throws Refusal REVISION_CONFLICT when another save came between, CONFLICT when it is signed off; GEOMETRY_MISMATCH,
   * LABEL_OUT_OF_RANGE
   */
  save(id: string, content: AnnotationContent, options: SaveOptions): Promise<Annotation>;
  /** The SEG objects of the archive that were drawn on a series. */
  segmentationsOf(series: string, access: Access): Promise<readonly FoundSegmentation[]>;
  /** Fills a draft that has no save yet with the segments of a SEG. @throws Refusal NOT_FOUND, CONFLICT, DATA_MISMATCH when they overlap */
  importSegmentation(id: string, sopInstanceUid: string, access: Access): Promise<Annotation>;
  /** Writes the SEG into the archive, in a series of its own each time. @throws Refusal CONFLICT when there is nothing to hand in */
  submit(id: string, by: Principal, access: Access): Promise<Annotation>;
  /** @throws Refusal NOT_ALLOWED for the annotator's own work, but for who manages the project; CONFLICT for a draft */
  review(id: string, verdict: Verdict, by: Principal, access: Access): Promise<Annotation>;
  remove(id: string, access: Access): Promise<boolean>;
  /** The states it went through, the oldest first. */
  history(id: string, access: Access): Promise<HistoryAnswer>;
  /** One label map of those handed in for a series. @throws Refusal CONFLICT where fewer than two are */
  consensus(series: string, method: ConsensusMethod, access: Access): Promise<Uint8Array>;
  /** Of those handed in for a series: Dice of each pair, majority vote, STAPLE. */
  agreement(series: string, access: Access): Promise<AgreementAnswer>;
  /** Series of images in a project that nobody handed in a label map for. */
  unlabelled(project: string, options: UnlabelledOptions): Promise<readonly { series: string; study: string }[]>;
  /** The classes that are annotated in a project. */
  labelsOf(project: string): Promise<readonly SegmentLabel[]>;
  setLabels(project: string, labels: readonly SegmentLabel[]): Promise<void>;
}
