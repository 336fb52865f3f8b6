import { VesaliusError } from '@vesalius/errors';
import { PRODUCT } from '../http/principal.ts';
import { Refusal } from '../http/refusal.ts';
import type { Access } from '../store/archive.ts';
import { type Call, isSet, type Parts, pathOf, queryOf } from './call.ts';
import { segmentsOf } from './label-map.ts';
import { FINAL, ORIGINAL } from './labels.ts';
import { modelNamed } from './model-names.ts';
import { readJson } from './read-form.ts';
import type { Route } from './route.ts';
import { runPrediction } from './run-prediction.ts';
import { sendJson } from './send.ts';
import { isActive, type TaskContext } from './tasks.ts';

/** Predictions of many images, kept as their `original` labels. */
export const BATCH_ROUTES: readonly Route[] = [
  { methods: ['GET'], path: '/batch/infer', access: 'archive.read', handler: status },
  { methods: ['POST'], path: '/batch/infer/:model', access: 'train', handler: start },
  { methods: ['DELETE'], path: '/batch/infer', access: 'train', handler: stop },
];

interface BatchRequest {
  readonly model: string;
  readonly images: 'all' | 'labeled' | 'unlabeled';
  readonly label_tag: string;
  /** 0 for all. */
  readonly max_batch_size: number;
  readonly access: Access;
}

export function registerBatch(parts: Parts): void {
  parts.tasks.register<BatchRequest>('batch_infer', (context) => predictAll(parts, context));
}

async function status(call: Call) {
  const { tasks, access, reply } = call;
  const all = await tasks.list('batch_infer', access);
  const found = isSet(call, 'check_if_running') ? all.find(isActive) : all[0];
  if (found === undefined) throw new Refusal('NOT_FOUND', { what: 'batch inference', got: 'none' });
  return sendJson(reply, isSet(call, 'all') ? all : found);
}

async function start(call: Call) {
  const { tasks, access, reply, project, request, services, signal } = call;
  const { name } = await modelNamed(services.models, pathOf(call, 'model'), access);
  const params = await readJson(request);
  const images = queryOf(call, 'images') ?? 'all';
  if (images !== 'all' && images !== 'labeled' && images !== 'unlabeled')
    throw new Refusal('BAD_REQUEST', { what: 'query parameter images', expected: 'all, labeled or unlabeled' });
  if ((await tasks.list('batch_infer', access)).some(isActive))
    throw new Refusal('TOO_MANY_REQUESTS', {
      what: 'batch inference',
      got: 'one that runs',
      expected: 'its end first',
    });
  const label_tag = typeof params['label_tag'] === 'string' ? params['label_tag'] : ORIGINAL;
  const asked: BatchRequest = {
    ...{ ...params, model: name, images, label_tag, access },
    max_batch_size: Number(params['max_batch_size']) || 0,
  };
  const task = await tasks.start('batch_infer', { project, principal: request.principal.id, request: asked });
  return sendJson(reply, isSet(call, 'run_sync') ? await tasks.ended(task, signal) : task);
}

async function stop({ tasks, access, reply }: Call) {
  return sendJson(reply, await tasks.stop('batch_infer', access));
}

async function predictAll(parts: Parts, { request, job, say }: TaskContext<BatchRequest>) {
  const { access } = request;
  const named = await modelNamed(parts.services.models, request.model, access);
  const ids = await chosen(parts, request);
  const result: Record<string, object> = {};
  for (const [i, image] of ids.entries()) {
    job.signal.throwIfAborted();
    const answer = await attempt(() => predictOne(parts, { request, named, series: image.series, signal: job.signal }));
    result[image.id] = answer;
    await say(`${i + 1} / ${ids.length}: ${image.series} ${'error' in answer ? answer.error : 'done'}`);
    job.progress((i + 1) / ids.length, `${i + 1} of ${ids.length} images`);
  }
  return result;
}

async function chosen({ images, labels }: Parts, { images: which, access, max_batch_size }: BatchRequest) {
  const labelled = await labels.all(access);
  const found = [];
  for await (const image of images.all(access)) {
    const isLabelled = labelled.get(image.series)?.has(FINAL) ?? false;
    if (which !== 'all' && isLabelled !== (which === 'labeled')) continue;
    found.push(image);
    if (found.length === max_batch_size) break;
  }
  return found;
}

/** One image that cannot be predicted does not end the others. */
async function attempt(work: () => Promise<object>): Promise<{ readonly error: string } | object> {
  try {
    return await work();
  } catch (error) {
    const isOurs = error instanceof Refusal || (error instanceof VesaliusError && error.code !== 'INTERRUPTED');
    if (!isOurs) throw error;
    return { error: `${error.code}: ${error.details.what}` };
  }
}

interface One {
  readonly request: BatchRequest;
  readonly named: Awaited<ReturnType<typeof modelNamed>>;
  readonly series: string;
  readonly signal: AbortSignal;
}

async function predictOne({ services, labels }: Parts, { request, named, series, signal }: One) {
  const { access, label_tag: tag } = request;
  const { volume } = await services.volumes.read(series, access, signal);
  const prediction = await runPrediction({ models: services.models, named, channels: [volume], params: {}, signal });
  const mask = prediction.labels.voxels;
  const { model } = named;
  await labels.save({
    ...{ series, tag, mask, segments: segmentsOf(mask, undefined, model.labels), access },
    params: { model: model.id },
    annotator: { id: model.id, name: model.name, kind: 'model' },
    principal: PRODUCT,
  });
  return { label: series, tag };
}
