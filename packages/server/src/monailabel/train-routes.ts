import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../http/refusal.ts';
import type { Training } from '../trainings/trainings.ts';
import { type Call, isSet, pathOf } from './call.ts';
import { namedModels } from './model-names.ts';
import { readJson } from './read-form.ts';
import type { Route } from './route.ts';
import { sendJson } from './send.ts';
import { stampOf, type Task } from './tasks.ts';

type Params = Readonly<Record<string, unknown>>;

/** Trainings on what was labelled. */
export const TRAIN_ROUTES: readonly Route[] = [
  { methods: ['GET'], path: '/train/', access: 'archive.read', handler: status },
  { methods: ['POST'], path: '/train/', access: 'train', handler: startAll },
  { methods: ['POST'], path: '/train/:model', access: 'train', handler: start },
  { methods: ['DELETE'], path: '/train/', access: 'train', handler: stop },
];

const STATUS: Readonly<Record<Training['state'], Task['status']>> = {
  preparing: 'SUBMITTED',
  running: 'RUNNING',
  paused: 'STOPPED',
  succeeded: 'DONE',
  failed: 'ERROR',
  stopped: 'STOPPED',
};
const FIRST_TRAINER = 'segmentation';
const MINUTES = 30;
const LINES = 20;
const TAIL_BYTES = 1 << 14;

/** What can be trained anew: the models by their names; where there is none, a first one. */
export async function trainerNames({
  services,
  access,
}: Pick<Call, 'services' | 'access'>): Promise<readonly string[]> {
  const names = (await namedModels(services.models, access)).map(({ model }) => trainerOf(model.name));
  return names.length > 0 ? [...new Set(names)] : [FIRST_TRAINER];
}

async function status(call: Call) {
  const { services, access, reply } = call;
  const all = await services.trainings.list(access);
  const found = isSet(call, 'check_if_running') ? all.find(isActive) : all[0];
  // 404 is how clients learn that nothing runs.
  if (found === undefined) throw new Refusal('NOT_FOUND', { what: 'training', got: 'none' });
  if (!isSet(call, 'all')) return sendJson(reply, await taskOf(call, found));
  return sendJson(reply, await Promise.all(all.map((training) => taskOf(call, training))));
}

/** Of every trainer, or those that the parameters name. */
async function startAll(call: Call) {
  const params = await readJson(call.request);
  const trainers = await trainerNames(call);
  const named = trainers.filter((name) => typeof params[name] === 'object');
  const result: Record<string, object> = {};
  for (const name of named.length > 0 ? named : trainers)
    result[name] = {
      result: await taskOf(call, await begin(call, name, (params[name] ?? {}) as Params)),
      detail: null,
    };
  return sendJson(call.reply, result);
}

async function start(call: Call) {
  const { services, access, reply, signal } = call;
  const params = await readJson(call.request);
  if (!isSet(call, 'enqueue') && (await services.trainings.list(access)).some(isActive))
    throw new Refusal('TOO_MANY_REQUESTS', {
      what: 'training',
      got: 'one that runs',
      expected: 'its end first, or enqueue=true',
    });
  let training = await begin(call, pathOf(call, 'model'), params);
  if (isSet(call, 'run_sync'))
    for await (const change of services.trainings.follow(training.id, signal)) training = change;
  return sendJson(reply, await taskOf(call, training));
}

function begin({ services, request, project, access }: Call, model: string, params: Params): Promise<Training> {
  const name = typeof params['name'] === 'string' && params['name'] !== '' ? params['name'] : model;
  const minutes = Number(params['minutes'] ?? MINUTES);
  return services.trainings.start(
    {
      ...{ name: trainerOf(name), project, recipe: 'plan', seed: 0 },
      interactive: params['interactive'] === true,
      labels: params['labels'] === 'approved' ? 'approved' : 'submitted',
      budgetMinutes: minutes > 0 ? minutes : MINUTES,
    },
    request.principal.id,
    access,
  );
}

async function stop(call: Call) {
  const { services, access, reply } = call;
  const running = (await services.trainings.list(access)).filter(isActive);
  for (const { id } of running) await services.trainings.stop(id, access);
  const [first] = running;
  return sendJson(
    reply,
    first && { ...(await taskOf(call, first)), status: 'STOPPED', end_ts: stampOf(new Date().toISOString()) },
  );
}

function isActive({ state }: Training): boolean {
  return state === 'preparing' || state === 'running';
}

async function taskOf({ services }: Call, training: Training): Promise<Task> {
  const { id, state, request, createdAt, endedAt, message, error, name } = training;
  const said = await logTail(services.trainings.runFolder(id));
  return {
    id,
    status: STATUS[state],
    request: { ...request, model: name },
    start_ts: stampOf(createdAt),
    ...(endedAt === undefined ? {} : { end_ts: stampOf(endedAt) }),
    details: [...said, message, error?.message].flatMap((line) => line ?? []).slice(-LINES),
  };
}

/** The last lines of a training's log; none before it has one. */
async function logTail(folder: string): Promise<readonly string[]> {
  const file = await open(join(folder, 'log.jsonl')).catch(() => undefined);
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const bytes = Buffer.alloc(size - start);
    await file.read(bytes, 0, bytes.length, start);
    return bytes.toString('utf8').trim().split('\n').slice(-LINES);
  } finally {
    await file.close();
  }
}

/** A name that a training takes: lowercase letters, digits and hyphens. */
function trainerOf(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 63) || FIRST_TRAINER
  );
}
