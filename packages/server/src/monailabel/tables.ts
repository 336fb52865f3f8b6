/** An image that came by this interface, or of which it knows more than the archive. */
interface ImageRow {
  readonly series: string;
  /** As the client calls it; the series' UID without it. */
  readonly name: string | null;
  /** JSON. */
  readonly info: string;
}

/** What a client said of a label; the label itself is an annotation. */
interface LabelRow {
  readonly annotation: string;
  readonly series: string;
  readonly tag: string;
  /** JSON. */
  readonly params: string;
  readonly saved_at: string;
}

/** An image that waits for predictions and belongs to no study. */
export interface SessionRow {
  readonly id: string;
  readonly principal: string;
  readonly project: string;
  /** JSON: names and keys in the object store. */
  readonly files: string;
  readonly created_at: string;
  readonly used_at: string;
  readonly expiry_seconds: number;
}

/** What a client asked for, beside the job that does it. */
export interface TaskRow {
  readonly job: string;
  readonly kind: string;
  readonly project: string;
  /** JSON. */
  readonly request: string;
  /** JSON: the last lines it said. */
  readonly details: string;
  readonly created_at: string;
}

export interface MonailabelTables {
  readonly monailabel_image: ImageRow;
  readonly monailabel_label: LabelRow;
  readonly monailabel_session: SessionRow;
  readonly monailabel_task: TaskRow;
}
