import type { Strategy } from '@vesalius/api';
import type { Access } from '../store/archive.ts';

export interface NextRequest {
  readonly strategy: Strategy;
  /** Of the registry; without it the project's newest that takes one channel. */
  readonly model?: string;
  /** The series that is open already. */
  readonly except?: string;
  /** Who will annotate it: what another has in work is left out. */
  readonly annotator: string;
  /** Who asks, for the job that computes scores. */
  readonly principal: string;
  readonly access: Access;
}

export interface NextSeries {
  readonly strategy: Strategy;
  /** null where all are labelled or in work. */
  readonly series: string | null;
  readonly study: string | null;
  /** The larger, the more there is to learn; null where it is not known. */
  readonly score: number | null;
  /** Series whose score is still being computed. */
  readonly unscored: number;
  /** Which is unsure of it. */
  readonly model?: string;
}

/**
 * Which series of a project is worth most to annotate next. Scores are computed by a job and kept for each model: the answer comes at
 * once, from what is known by then; while nothing is, any series.
 */
export interface ActiveLearning {
  /** @throws Refusal NOT_FOUND where there is no such model, CONFLICT where a strategy needs one and the project has none */
  next(project: string, request: NextRequest): Promise<NextSeries>;
}
