import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { accessMigrations } from './access/migrations.ts';
import { type AccessControl, openAccess } from './access/open-access.ts';
import { learningRoutes } from './active-learning/learning-routes.ts';
import { learningMigrations } from './active-learning/migrations.ts';
import { openActiveLearning } from './active-learning/open-active-learning.ts';
import { annotationRoutes } from './annotations/annotation-routes.ts';
import { annotationMigrations } from './annotations/migrations.ts';
import { openAnnotations } from './annotations/open-annotations.ts';
import { auditMigrations } from './audit/migrations.ts';
import { openAudit } from './audit/open-audit.ts';
import { exportRoutes } from './de-identify/export-routes.ts';
import { deidentifyMigrations } from './de-identify/migrations.ts';
import { openDeidentifier } from './de-identify/open-deidentifier.ts';
import { dicomweb } from './dicomweb/dicomweb.ts';
import { federationRoutes } from './federation/federation-routes.ts';
import { federationMigrations } from './federation/migrations.ts';
import { openFederations } from './federation/open-federations.ts';
import { fhir } from './fhir/fhir.ts';
import { fhirMigrations } from './fhir/migrations.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { createApp } from './http/create-app.ts';
import { logFailure } from './http/error-answer.ts';
import type { Feature } from './http/feature.ts';
import { readParts } from './http/multipart/read-parts.ts';
import { registerImports } from './import/import-jobs.ts';
import { importRoutes } from './import/import-routes.ts';
import { createJobQueue, type RunningJobQueue } from './jobs/create-job-queue.ts';
import { jobRoutes } from './jobs/job-routes.ts';
import { jobMigrations } from './jobs/migrations.ts';
import { studyRoutes } from './maintenance/study-routes.ts';
import { verification } from './maintenance/verification.ts';
import { modelMigrations } from './models/migrations.ts';
import { modelRoutes } from './models/model-routes.ts';
import { openModelRegistry } from './models/open-model-registry.ts';
import { registerPredictions } from './models/prediction-jobs.ts';
import { monailabelMigrations } from './monailabel/migrations.ts';
import { monailabel } from './monailabel/monailabel.ts';
import { healthRoutes } from './observe/health-routes.ts';
import { createMetrics } from './observe/metrics.ts';
import type { Services } from './services.ts';
import type { Settings } from './settings.ts';
import { archiveMigrations } from './store/archive-migrations.ts';
import { createArchive } from './store/create-archive.ts';
import type { Database } from './store/database.ts';
import type { ObjectStore } from './store/object-store.ts';
import { openFileObjects } from './store/open-file-objects.ts';
import { openSqlite } from './store/open-sqlite.ts';
import { trainingMigrations } from './trainings/migrations.ts';
import { openTrainings } from './trainings/open-trainings.ts';
import { trainingRoutes } from './trainings/training-routes.ts';
import { openSeriesVolumes } from './volumes/open-series-volumes.ts';
import { workbench } from './workbench/workbench.ts';

/** A server that is whole but listens nowhere yet: all that works on a data folder goes through it. */
export interface OpenServer {
  readonly app: FastifyInstance;
  readonly services: Services;
  readonly jobs: RunningJobQueue;
  readonly lock: FolderLock;
  /** @returns the password of `admin`, once: nothing when there are users */
  createFirstAdmin: AccessControl['createFirstAdmin'];
  resetPassword: AccessControl['resetPassword'];
  /** Tells the metrics how many DICOM associations are open. */
  countAssociations(count: () => number): void;
  /** Ends what runs within some seconds and gives everything back. */
  close(): Promise<void>;
}

const MIGRATIONS = [
  archiveMigrations,
  auditMigrations,
  accessMigrations,
  jobMigrations,
  fhirMigrations,
  deidentifyMigrations,
  annotationMigrations,
  learningMigrations,
  modelMigrations,
  trainingMigrations,
  monailabelMigrations,
  federationMigrations,
].flat();
const FEATURES: readonly Feature[] = [
  dicomweb,
  fhir,
  jobRoutes,
  importRoutes,
  studyRoutes,
  exportRoutes,
  verification,
  modelRoutes,
  trainingRoutes,
  annotationRoutes,
  learningRoutes,
  monailabel,
  federationRoutes,
];
const JOBS_GRACE_MS = 10_000;

/**
 * Opens the data folder, brings its tables up to date and puts the features together.
 *
 * @throws WRITE_FAILED when another server works on the folder
 */
export async function openServer(settings: Settings, log: FastifyBaseLogger): Promise<OpenServer> {
  const lock = lockFolder(settings.dataFolder);
  const opened: (() => Promise<unknown>)[] = [async () => lock.release()];
  const close = async () => {
    for (const step of opened.splice(0).reverse()) await step();
  };
  try {
    const database = await openDatabase(settings);
    opened.push(() => database.close());
    await database.migrate(MIGRATIONS);
    const objects = await openObjects(settings);
    opened.push(() => objects.close());
    const audit = openAudit({ database, dataFolder: settings.dataFolder });
    opened.push(() => audit.close());
    const archive = await createArchive({ database, objects, limits: settings.limits });
    const models = await openModelRegistry({ database, dataFolder: settings.dataFolder });
    opened.push(() => models.close());
    const jobs = createJobQueue(database, {
      alone: database.dialect === 'sqlite',
      // A training takes one place for hours.
      concurrency: 3,
      onFailure: (job, cause) => {
        log.warn({ job }, 'a job failed');
        if (!(cause instanceof VesaliusError)) logFailure(log, cause);
      },
    });
    opened.push(() => jobs.stop(JOBS_GRACE_MS));
    const access = openAccess({ settings, database, audit });
    await access.createProjects([settings.dimse.project, ...settings.watchFolders.map(({ project }) => project)]);
    const { projects, passwordTokens } = access;
    const volumes = openSeriesVolumes(archive);
    const annotations = await openAnnotations({ database, objects, archive, volumes });
    const activeLearning = openActiveLearning({ database, annotations, volumes, models, jobs });
    const trainings = openTrainings({ database, settings });
    const federations = await openFederations({ settings, database, audit, log });
    opened.push(() => federations.close());
    const parts = { settings, database, objects, archive, volumes, models, annotations, trainings, audit, jobs, log };
    const services: Services = {
      ...parts,
      federations,
      activeLearning,
      projects,
      passwordTokens,
      deidentifier: openDeidentifier(database),
    };
    await trainings.begin(services);
    const { app, countAssociations } = await assemble(services, jobs, access);
    opened.push(() => app.close());
    const { createFirstAdmin, resetPassword } = access;
    return { app, services, jobs, lock, countAssociations, close, createFirstAdmin, resetPassword };
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(services: Services, jobs: RunningJobQueue, access: AccessControl) {
  const { settings, log, archive, objects, audit } = services;
  const app = createApp({ settings, log, authenticate: access.authenticate, projects: services.projects, audit });
  const countJobs = () => jobs.countByState();
  let associations = () => 0;
  const metrics = createMetrics(app, { archive, countJobs, associations: () => associations() });
  // Features come after the plug-ins of the app, whose hooks they need.
  await app.register(async (inner) => {
    access.routes(inner);
    workbench(inner, settings.workbench);
    healthRoutes(inner, { objects, metrics, touchDatabase: countJobs });
  });
  for (const feature of FEATURES) await app.register(async (inner) => feature(inner, services));
  registerImports(services, readParts);
  registerPredictions(services);
  await app.ready();
  const countAssociations = (count: () => number) => {
    associations = count;
  };
  return { app, countAssociations };
}

async function openDatabase({ database, dataFolder }: Settings): Promise<Database> {
  if (database === undefined) return openSqlite(join(dataFolder, 'vesalius.sqlite'));
  if (database.startsWith('sqlite:')) return openSqlite(database.slice('sqlite:'.length));
  // Its driver is loaded only where it is used.
  return (await import('./store/open-postgres.ts')).openPostgres(database);
}

async function openObjects({ objects, dataFolder }: Settings): Promise<ObjectStore> {
  if (objects === undefined) return openFileObjects(join(dataFolder, 'objects'));
  return (await import('./store/open-s3-objects.ts')).openS3Objects(objects);
}
