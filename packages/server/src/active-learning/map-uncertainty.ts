import type { MapMethod } from '@vesalius/api';
import { buildParametricMap, codeNamed, createDicomFile, writeDicom } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { createVolume, type Volume } from '@vesalius/volume';
import type { Principal } from '../http/principal.ts';
import { Refusal } from '../http/refusal.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import type { Model } from '../models/model-registry.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import { uidFrom } from '../store/uid-from.ts';
import type { ArchiveVolume } from '../volumes/series-volumes.ts';
import { type Predict, predictMirrored } from './score-series.ts';
import { voteEntropy } from './vote-entropy.ts';

const JOB = 'uncertainty-map';

interface MapInput {
  /** The one that was asked first. */
  readonly models: readonly string[];
  readonly series: string;
  readonly method: MapMethod;
}

interface MapRequest {
  readonly model: string;
  readonly series: string;
  readonly method: MapMethod;
  readonly principal: Principal;
  readonly access: Access;
}

/**
 * Enqueues a map of where a model is unsure of a series.
 *
 * @returns the job
 * @throws Refusal NOT_FOUND for what is not there, CONFLICT where fewer than two models know the classes, BAD_REQUEST for several channels
 */
export async function beginUncertaintyMap({ models, volumes, jobs }: Services, request: MapRequest): Promise<string> {
  const { series, method, principal, access } = request;
  const readable = principal.accessFor('archive.read');
  const model = await models.get(request.model, readable);
  if (!model) throw new Refusal('NOT_FOUND', { what: 'model' });
  if (model.channels.length !== 1)
    throw new Refusal('BAD_REQUEST', { what: 'model', got: `${model.channels.length} channels`, expected: 'one' });
  const { project } = await volumes.read(series, access);
  const asked = method === 'models' ? alike(model, await models.list(readable)) : [model];
  if (method === 'models' && asked.length < 2)
    throw new Refusal('CONFLICT', {
      what: 'models',
      got: String(asked.length),
      expected: 'two that know the same classes',
    });
  const input: MapInput = { models: asked.map(({ id }) => id), series, method };
  return (await jobs.enqueue({ kind: JOB, input, project, principal: principal.id })).id;
}

const MOST_MODELS = 5;

/** The model, and the newest of its project with its classes. */
function alike(model: Model, models: readonly Model[]): readonly Model[] {
  const classesOf = ({ labels }: Model) => JSON.stringify(labels.map(({ value, name }) => [value, name]));
  const others = models.filter(
    (other) =>
      other.id !== model.id &&
      other.project === model.project &&
      other.channels.length === 1 &&
      classesOf(other) === classesOf(model),
  );
  return [model, ...others].slice(0, MOST_MODELS);
}

/** Registers the jobs; each ends with the SOP Instance UID of what was stored. */
export function registerUncertaintyMaps(services: Services): void {
  services.jobs.register<MapInput>(JOB, (context) => mapUncertainty(services, context));
}

async function mapUncertainty(services: Services, { input, project, signal }: JobContext<MapInput>) {
  const { models, volumes, archive } = services;
  const found = await Promise.all(input.models.map((model) => models.get(model, { projects: 'all' })));
  const known = found.filter((model) => model !== undefined);
  const [first] = known;
  if (!first) throw new VesaliusError('FILE_NOT_FOUND', { what: 'model', got: input.models[0] });
  const access: Access = { projects: [project] };
  // A model never changes: what it said of a series before stands.
  const name = JSON.stringify([input.models, input.series, input.method]);
  const stored = { instance: uidFrom(`${name} instance`), series: uidFrom(`${name} series`) };
  const match = [{ tag: '00080018', value: stored.instance }];
  if ((await archive.find({ level: 'IMAGE', match, limit: 1, access })).matches.length > 0) return stored;
  const series = await volumes.read(input.series, access, signal);
  const predictors = known.map(
    (model): Predict =>
      (request) =>
        models.predict(model, { ...request, signal }),
  );
  const values = await uncertaintyOf(series.volume, predictors, {
    method: input.method,
    classes: first.labels.length + 1,
  });
  const map = mapObject(series, values, { stored, model: first, method: input.method });
  const outcome = await archive.store(await writeDicom(createDicomFile(map)), {
    source: { kind: 'product', from: `model ${first.id}` },
    project,
    access,
    study: series.studyInstanceUid,
  });
  // The job ran before and was cut off after this.
  if (outcome.status === 'refused' && outcome.reason !== 'duplicate instance')
    throw new VesaliusError('WRITE_FAILED', { what: `map refused by the archive: ${outcome.what}` });
  return stored;
}

interface MapChoices {
  readonly method: MapMethod;
  /** With the background. */
  readonly classes: number;
}

async function uncertaintyOf(
  volume: Volume,
  predictors: readonly Predict[],
  { method, classes }: MapChoices,
): Promise<Float32Array> {
  const [predict] = predictors as readonly [Predict];
  if (method === 'mirrors') return voteEntropy(await predictMirrored(predict, volume), classes);
  if (method === 'entropy') {
    const { uncertainty } = await predict({ channels: [volume], uncertainty: true });
    return Float32Array.from(uncertainty?.voxels ?? new Float32Array(volume.voxels.length));
  }
  const maps: Uint8Array[] = [];
  for (const each of predictors) maps.push((await each({ channels: [volume] })).labels.voxels);
  return voteEntropy(maps, classes);
}

const DESCRIPTIONS = { entropy: 'entropy', mirrors: 'mirror images', models: 'several models' } as const;

interface MapIdentity {
  readonly stored: Readonly<Record<'instance' | 'series', string>>;
  readonly model: Model;
  readonly method: MapMethod;
}

function mapObject(
  { volume: { size, voxelToLps }, sources }: ArchiveVolume,
  voxels: Float32Array,
  { stored, model, method }: MapIdentity,
) {
  return buildParametricMap({
    source: sources,
    content: createVolume({ voxels, size, voxelToLps }),
    unit: codeNamed('UCUM', 'NoUnits'),
    derivation: codeNamed('DCM', 'SegmentationImageDerivation'),
    label: 'Uncertainty',
    explanation: `Uncertainty of ${model.id}`.slice(0, 64),
    window: { center: 0.5, width: 1 },
    sopInstanceUid: stored.instance,
    seriesInstanceUid: stored.series,
    seriesDescription: `Uncertainty of ${model.name}, ${DESCRIPTIONS[method]}`.slice(0, 64),
  });
}
