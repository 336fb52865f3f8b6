import type { Training } from './trainings.ts';

/** Trainings; times are ISO strings in UTC. */
export interface TrainingTables {
  training: {
    id: string;
    project: string;
    state: Training['state'];
    /** JSON. */
    request: string;
    /** `pause` or `stop`: what a person asked for, until it has come about. */
    wanted: string | null;
    /** Of the job that runs it; nothing while it waits for its turn, or is paused. */
    job: string | null;
    progress: number;
    message: string | null;
    seconds_left: number | null;
    cases: number;
    started_by: string;
    created_at: string;
    ended_at: string | null;
    model: string | null;
    /** `LabelSource[]` as JSON, once they were exported. */
    sources: string | null;
    error_code: string | null;
    error_message: string | null;
  };
}

export type TrainingRow = TrainingTables['training'];
