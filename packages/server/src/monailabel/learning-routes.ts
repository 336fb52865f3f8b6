import { Refusal } from '../http/refusal.ts';
import { type Call, pathOf } from './call.ts';
import type { Image } from './images.ts';
import { FINAL } from './labels.ts';
import { readJson } from './read-form.ts';
import type { Route } from './route.ts';
import { sendJson } from './send.ts';

/** What a client may choose the next image by. */
export const STRATEGIES = [
  { name: 'random', description: 'Any series without a final label' },
  { name: 'first', description: 'The first series without a final label' },
] as const;

/** The next image to label. */
export const LEARNING_ROUTES: readonly Route[] = [
  { methods: ['POST'], path: '/activelearning/:strategy', access: 'annotate', handler: nextSample },
];

async function nextSample(call: Call) {
  const { images, person, reply, request } = call;
  const name = pathOf(call, 'strategy');
  const strategy = STRATEGIES.find((each) => each.name === name);
  if (strategy === undefined)
    throw new Refusal('NOT_FOUND', { what: 'strategy', expected: STRATEGIES.map((each) => each.name).join(', ') });
  const params = await readJson(request);
  const image = await choose(call, strategy.name);
  if (image === undefined) return sendJson(reply, {});
  const asked = { ts: Math.floor(Date.now() / 1000), client_id: params['client_id'] ?? person.name };
  const told = await images.addInfo(image, {
    strategy: { ...(image.info['strategy'] as object | undefined), [strategy.name]: asked },
  });
  // The path is for clients on the same machine, which this server does not let into its files.
  return sendJson(reply, { id: image.id, path: '', ...told.info });
}

/** One of the project that nobody else has in work; else one of whatever the caller may see. */
async function choose(call: Call, order: (typeof STRATEGIES)[number]['name']): Promise<Image | undefined> {
  const { services, images, access, project, person } = call;
  if (access.projects === 'all' || access.projects.includes(project)) {
    const [found] = await services.annotations.unlabelled(project, { annotator: person.id, order, limit: 1 });
    if (found !== undefined) return images.get(found.series, access);
  }
  return chooseElsewhere(call, order);
}

async function chooseElsewhere(
  { images, labels, access }: Call,
  order: 'random' | 'first',
): Promise<Image | undefined> {
  const labelled = await labels.all(access);
  let chosen: Image | undefined;
  let seen = 0;
  for await (const image of images.all(access)) {
    if (labelled.get(image.series)?.has(FINAL)) continue;
    if (order === 'first') return image;
    // Each of those seen so far is the chosen one with the same chance.
    if (Math.random() * ++seen < 1) chosen = image;
  }
  return chosen;
}
