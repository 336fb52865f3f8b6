export interface AnnotationRow {
  readonly id: string;
  readonly project: string;
  readonly study: string;
  readonly series: string;
  readonly annotator_id: string;
  readonly annotator_name: string;
  readonly annotator_kind: 'person' | 'model';
  /** Of the annotator's label maps of the series; from 1. */
  readonly number: number;
  readonly state: 'draft' | 'submitted' | 'approved' | 'rejected';
  readonly revision: number;
  /** JSON: size, and voxelToLps by rows. */
  readonly grid: string;
  /** JSON. */
  readonly segments: string;
  /** JSON: how many voxels each value has. */
  readonly voxels: string;
  readonly model: string | null;
  readonly seconds_spent: number;
  readonly saved_by: string | null;
  /** The mask's object; nothing before the first save. */
  readonly mask_key: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** When its annotator last looked at it. */
  readonly opened_at: string;
  readonly segmentation_series: string | null;
  readonly segmentation_instance: string | null;
  readonly review_by: string | null;
  readonly review_at: string | null;
  readonly review_comment: string | null;
}

/** A state that a label map came into. */
export interface HistoryRow {
  readonly annotation: string;
  /** From 1, without gaps. */
  readonly position: number;
  readonly state: AnnotationRow['state'];
  readonly at: string;
  readonly by_name: string;
  readonly revision: number;
  readonly comment: string | null;
}

export interface AnnotationTables {
  readonly annotation: AnnotationRow;
  readonly annotation_history: HistoryRow;
  /** `labels`: JSON. */
  readonly annotation_labels: { readonly project: string; readonly labels: string };
}
