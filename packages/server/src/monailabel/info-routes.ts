import type { SegmentLabel } from '@vesalius/api';
import type { Call } from './call.ts';
import { STRATEGIES } from './learning-routes.ts';
import { type NamedModel, namedModels } from './model-names.ts';
import type { Route } from './route.ts';
import { sendJson } from './send.ts';
import { stats } from './stats.ts';
import { trainerNames } from './train-routes.ts';

/** What a client asks first: labels, models, trainers, strategies, and how far the annotators are. */
export const INFO_ROUTES: readonly Route[] = [
  { methods: ['GET'], path: '/info/', access: 'archive.read', handler: info },
  // There is nothing to load again: what is asked is what is there.
  { methods: ['POST'], path: '/reload/', access: 'train', handler: ({ reply }) => sendJson(reply, {}) },
];

async function info(call: Call) {
  const { services, access, project, reply } = call;
  const models = await namedModels(services.models, access);
  const ofProject = await services.annotations.labelsOf(project);
  const labels = ofProject.length > 0 ? ofProject : models.flatMap(({ model }) => model.labels);
  return sendJson(reply, {
    name: 'Vesalius',
    description: `Vesalius, project ${project}`,
    version: '0.1.0',
    labels: [...new Set(labels.map(({ name }) => name))],
    models: Object.fromEntries(models.map((each) => [each.name, shownModel(each)])),
    trainers: Object.fromEntries((await trainerNames(call)).map((name) => [name, TRAINER])),
    strategies: Object.fromEntries(
      Object.entries(STRATEGIES).map(([name, description]) => [name, { description, config: {} }]),
    ),
    scoring: { dice: { description: 'Dice of proposals against final labels', config: {} } },
    train_stats: await trainStats(call),
    datastore: await stats(call),
  });
}

const TRAINER = {
  description: 'Trains on the labels that were handed in',
  config: { name: '', minutes: 30, labels: ['submitted', 'approved'], interactive: false },
};

function shownModel({ model, interactive }: NamedModel): object {
  const { name, version, dimensions, labels, channels } = model;
  return {
    type: interactive ? 'deepedit' : 'segmentation',
    labels: numbersOf(labels),
    dimension: dimensions,
    description: `${name} ${version}: ${channels.join(', ')}`,
    config: { result_extension: ['.nrrd', '.nii.gz'] },
  };
}

function numbersOf(labels: readonly SegmentLabel[]): Readonly<Record<string, number>> {
  return Object.fromEntries(labels.map(({ name, value }) => [name, value]));
}

/** The newest training as a bar of a hundred steps; its model's mean Dice once it has one. */
async function trainStats({ services, access }: Call): Promise<object> {
  const [newest] = await services.trainings.list(access);
  if (newest === undefined) return {};
  const model = newest.model === undefined ? undefined : await services.models.get(newest.model, access);
  const best = model?.metrics.find(({ name, className }) => name === 'dice' && className === undefined);
  return {
    [newest.name]: {
      epoch: Math.max(1, Math.round(newest.progress * 100)),
      total_epochs: 100,
      start_ts: Math.floor(Date.parse(newest.createdAt) / 1000),
      ...(best === undefined ? {} : { best_metric: best.estimate }),
      ...(newest.endedAt === undefined
        ? {}
        : { total_time: Math.round((Date.parse(newest.endedAt) - Date.parse(newest.createdAt)) / 1000) }),
    },
  };
}
