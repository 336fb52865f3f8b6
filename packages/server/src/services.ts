import type { FastifyBaseLogger } from 'fastify';
import type { ActiveLearning } from './active-learning/active-learning.ts';
import type { Annotations } from './annotations/annotations.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { Deidentifier } from './de-identify/deidentifier.ts';
import type { Federations } from './federation/federations.ts';
import type { KnownProjects } from './http/known-projects.ts';
import type { PasswordTokens } from './http/password-tokens.ts';
import type { JobQueue } from './jobs/job-queue.ts';
import type { ModelRegistry } from './models/model-registry.ts';
import type { Settings } from './settings.ts';
import type { Archive } from './store/archive.ts';
import type { Database } from './store/database.ts';
import type { ObjectStore } from './store/object-store.ts';
import type { Trainings } from './trainings/trainings.ts';
import type { SeriesVolumes } from './volumes/series-volumes.ts';

/** What every feature of the server may use; features never import each other. */
export interface Services {
  readonly settings: Settings;
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly archive: Archive;
  readonly volumes: SeriesVolumes;
  readonly annotations: Annotations;
  readonly activeLearning: ActiveLearning;
  readonly models: ModelRegistry;
  readonly trainings: Trainings;
  readonly federations: Federations;
  readonly audit: AuditLog;
  readonly jobs: JobQueue;
  readonly projects: KnownProjects;
  readonly deidentifier: Deidentifier;
  readonly passwordTokens: PasswordTokens;
  /** Structured; never patient data. */
  readonly log: FastifyBaseLogger;
}
