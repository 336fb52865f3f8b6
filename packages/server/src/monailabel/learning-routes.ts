import type { Strategy } from '@vesalius/api';
import { Refusal } from '../http/refusal.ts';
import { holds } from '../store/holds.ts';
import { type Call, pathOf } from './call.ts';
import type { Image } from './images.ts';
import { FINAL } from './labels.ts';
import { modelNamed } from './model-names.ts';
import { readJson } from './read-form.ts';
import type { Route } from './route.ts';
import { sendJson } from './send.ts';

/** What a client may choose the next image by. */
export const STRATEGIES: Readonly<Record<Strategy, string>> = {
  random: 'Any series without a final label',
  first: 'The first series without a final label',
  epistemic: 'The series where a model is least sure',
  'test-time-augmentation': 'The series where a model changes its mind most when it is mirrored',
};

/** The next image to label. */
export const LEARNING_ROUTES: readonly Route[] = [
  { methods: ['POST'], path: '/activelearning/:strategy', access: 'annotate', handler: nextSample },
];

async function nextSample(call: Call) {
  const { images, person, reply, request } = call;
  const strategy = pathOf(call, 'strategy');
  if (!isStrategy(strategy))
    throw new Refusal('NOT_FOUND', { what: 'strategy', expected: Object.keys(STRATEGIES).join(', ') });
  const params = await readJson(request);
  const { image, weight } = await choose(call, strategy, params['model']);
  if (image === undefined) return sendJson(reply, {});
  const asked = { ts: Math.floor(Date.now() / 1000), client_id: params['client_id'] ?? person.name };
  const told = await images.addInfo(image, {
    strategy: { ...(image.info['strategy'] as object | undefined), [strategy]: asked },
  });
  // The path is for clients on the same machine, which this server does not let into its files.
  return sendJson(reply, { id: image.id, path: '', ...(weight === null ? {} : { weight }), ...told.info });
}

function isStrategy(name: string): name is Strategy {
  return Object.hasOwn(STRATEGIES, name);
}

interface Choice {
  readonly image: Image | undefined;
  /** The larger, the more there is to learn. */
  readonly weight: number | null;
}

/** One of the project that nobody else has in work; else one of whatever the caller may see. */
async function choose(call: Call, strategy: Strategy, model: unknown): Promise<Choice> {
  const { services, images, access, project, person, request } = call;
  if (holds(access, project)) {
    const by = typeof model === 'string' ? { model: (await modelNamed(services.models, model, access)).model.id } : {};
    const asked = { strategy, annotator: person.id, principal: request.principal.id, access, ...by };
    const { series, score } = await services.activeLearning.next(project, asked);
    if (series !== null) return { image: await images.get(series, access), weight: score };
  }
  return { image: await chooseElsewhere(call, strategy), weight: null };
}

async function chooseElsewhere({ images, labels, access }: Call, strategy: Strategy): Promise<Image | undefined> {
  const labelled = await labels.all(access);
  let chosen: Image | undefined;
  let seen = 0;
  for await (const image of images.all(access)) {
    if (labelled.get(image.series)?.has(FINAL)) continue;
    if (strategy === 'first') return image;
    // Each of those seen so far is the chosen one with the same chance.
    if (Math.random() * ++seen < 1) chosen = image;
  }
  return chosen;
}
