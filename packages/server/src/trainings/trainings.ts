import type { NewTraining, ScalarSeries, TrainingAnswer, TrainingResources } from '@vesalius/api';
import type { Access } from '../store/archive.ts';

export type Training = TrainingAnswer;

/**
 * Trainings on the labelled series of a project, each a process of its own: what it takes down is only itself, and it can be paused.
 * They survive a restart of the server.
 */
export interface Trainings {
  /** Newest first. */
  list(access: Access): Promise<readonly Training[]>;
  get(id: string, access: Access): Promise<Training | undefined>;
  /** Writes the labelled series as a data folder, then trains; the bundle goes into the registry. */
  start(request: NewTraining, principal: string, access: Access): Promise<Training>;
  /** Saves and stops; goes on where it was by `resume`. @returns false where nothing runs */
  pause(id: string, access: Access): Promise<boolean>;
  resume(id: string, access: Access): Promise<boolean>;
  /** Saves and stops for good. */
  stop(id: string, access: Access): Promise<boolean>;
  remove(id: string, access: Access): Promise<boolean>;
  /** The training at once and after each change, until it has ended. */
  follow(id: string, signal: AbortSignal): AsyncIterable<Training>;
  scalars(id: string, access: Access): Promise<readonly ScalarSeries[]>;
  /** What it takes of the machine. */
  resources(id: string): Promise<TrainingResources>;
  /** Log, event files, checkpoints, pictures. */
  runFolder(id: string): string;
}
