import { Refusal } from '../http/refusal.ts';
import type { Access } from '../store/archive.ts';
import { type Call, isSet, type Parts, pathOf } from './call.ts';
import { FINAL, ORIGINAL } from './labels.ts';
import { meanDice } from './mean-dice.ts';
import { readJson } from './read-form.ts';
import type { Route } from './route.ts';
import { sendJson } from './send.ts';
import { isActive, type TaskContext } from './tasks.ts';

const METHODS = ['dice'];

/** How good proposals were: Dice against the final labels of the same images. */
export const SCORING_ROUTES: readonly Route[] = [
  { methods: ['GET'], path: '/scoring/', access: 'archive.read', handler: status },
  { methods: ['POST'], path: '/scoring/', access: 'annotate', handler: startAll },
  { methods: ['POST'], path: '/scoring/:method', access: 'annotate', handler: start },
  { methods: ['DELETE'], path: '/scoring/', access: 'annotate', handler: stop },
];

interface ScoringRequest {
  readonly method: string;
  /** The tag of what is right, and of what is judged. */
  readonly y: string;
  readonly y_pred: string;
  readonly access: Access;
}

export function registerScoring(parts: Parts): void {
  parts.tasks.register<ScoringRequest>('scoring', (context) => scoreAll(parts, context));
}

async function status(call: Call) {
  const { tasks, access, reply } = call;
  const all = await tasks.list('scoring', access);
  const found = isSet(call, 'check_if_running') ? all.find(isActive) : all[0];
  if (found === undefined) throw new Refusal('NOT_FOUND', { what: 'scoring', got: 'none' });
  return sendJson(reply, isSet(call, 'all') ? all : found);
}

async function startAll(call: Call) {
  const params = await readJson(call.request);
  const result: Record<string, object> = {};
  for (const method of METHODS) result[method] = { result: await begin(call, method, params), detail: null };
  return sendJson(call.reply, result);
}

async function start(call: Call) {
  const { tasks, access, reply, signal } = call;
  const method = pathOf(call, 'method');
  if (!METHODS.includes(method))
    throw new Refusal('NOT_FOUND', { what: 'scoring method', expected: METHODS.join(', ') });
  if ((await tasks.list('scoring', access)).some(isActive))
    throw new Refusal('TOO_MANY_REQUESTS', { what: 'scoring', got: 'one that runs', expected: 'its end first' });
  const task = await begin(call, method, await readJson(call.request));
  return sendJson(reply, isSet(call, 'run_sync') ? await tasks.ended(task, signal) : task);
}

function begin({ tasks, access, project, request }: Call, method: string, params: Readonly<Record<string, unknown>>) {
  const text = (name: string, otherwise: string) => (typeof params[name] === 'string' ? params[name] : otherwise);
  const asked: ScoringRequest = { method, y: text('y', FINAL), y_pred: text('y_pred', ORIGINAL), access };
  return tasks.start('scoring', { project, principal: request.principal.id, request: asked });
}

async function stop({ tasks, access, reply }: Call) {
  return sendJson(reply, await tasks.stop('scoring', access));
}

async function scoreAll({ labels, images }: Parts, { request, job, say }: TaskContext<ScoringRequest>) {
  const { access, y, y_pred } = request;
  const pairs = [...(await labels.all(access))].flatMap(([series, tags]) => {
    const [right, judged] = [tags.get(y), tags.get(y_pred)];
    return right && judged ? [{ series, right, judged }] : [];
  });
  const result: Record<string, number> = {};
  for (const [i, { series, right, judged }] of pairs.entries()) {
    job.signal.throwIfAborted();
    const [truth, proposal] = [await labels.read(right, access), await labels.read(judged, access)];
    const image = await images.get(series, access);
    const dice = meanDice(truth.voxels, proposal.voxels);
    await images.addInfo(image, { dice });
    result[image.id] = dice;
    await say(`Dice of ${series}: ${dice.toFixed(4)}`);
    job.progress((i + 1) / pairs.length, `${i + 1} of ${pairs.length} images`);
  }
  return result;
}
