import type { FastifyRequest } from 'fastify';
import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';
import type { Services } from '../services.ts';
import type { Annotation, AnnotationFilter, Annotations } from './annotations.ts';
import { demandOwn, manages, personOf } from './annotator-of.ts';
import { labelRoutes } from './label-routes.ts';
import { maskRoutes } from './mask-routes.ts';
import { Presence } from './presence.ts';

/** `/api/annotations` and what belongs to them: see `ANNOTATION_ROUTES` of the API. */
export const annotationRoutes: Feature = (app, services) => {
  const { annotations, settings } = services;
  const presence = new Presence();
  maskRoutes(app, annotations, settings);
  labelRoutes(app, services);

  apiRoute(app, 'listAnnotations', async ({ request, query: { state, ...query } }) => {
    const filter: AnnotationFilter = { ...defined(query), ...(state && { states: [state] }) };
    return [...(await annotations.list(filter, request.access))];
  });

  apiRoute(app, 'getAnnotation', ({ request, params }) => needed(annotations, params, request));

  apiRoute(app, 'openAnnotation', async ({ request, body: { series, from } }) => {
    const { access, principal } = request;
    const opened = await annotations.open(series, { ...personOf(principal), kind: 'person' }, access);
    if (from === undefined) return opened;
    const filled = await annotations.importSegmentation(opened.id, from, access);
    await record(services, request, 'segmentation-imported', filled);
    return filled;
  });

  apiRoute(app, 'listSegmentations', async ({ request, params: { series = '' } }) => [
    ...(await annotations.segmentationsOf(series, request.access)),
  ]);

  apiRoute(app, 'tellPresence', async ({ request, params, body: { tab } }) => {
    const { id, series } = await needed(annotations, params, request);
    return { others: presence.tell({ series, annotation: id, person: personOf(request.principal), tab }) };
  });

  apiRoute(app, 'submitAnnotation', async ({ request, params }) => {
    const annotation = await needed(annotations, params, request);
    if (annotation.annotator.kind === 'person') demandOwn(annotation, request.principal);
    const submitted = await annotations.submit(annotation.id, request.principal, request.access);
    await record(services, request, 'annotation-submitted', submitted);
    return submitted;
  });

  apiRoute(app, 'reviewAnnotation', async ({ request, params, body }) => {
    const { id } = await needed(annotations, params, request);
    const reviewed = await annotations.review(id, body, request.principal, request.access);
    await record(services, request, `annotation-${reviewed.state}`, reviewed);
    return reviewed;
  });

  apiRoute(app, 'removeAnnotation', async ({ request, params }) => {
    const annotation = await needed(annotations, params, request);
    if (!manages(annotation, request.principal)) {
      if (annotation.annotator.kind === 'person') demandOwn(annotation, request.principal);
      if (annotation.state === 'approved')
        throw new Refusal('CONFLICT', { what: 'label map', got: 'signed off', expected: 'one that is not' });
    }
    await annotations.remove(annotation.id, request.access);
    await record(services, request, 'annotation-removed', annotation);
  });

  apiRoute(app, 'getAgreement', ({ request, params: { series = '' } }) =>
    annotations.agreement(series, request.access),
  );
};

async function needed(
  annotations: Annotations,
  { annotation = '' }: Readonly<Record<string, string>>,
  { access }: FastifyRequest,
): Promise<Annotation> {
  const found = await annotations.get(annotation, access);
  if (found) return found;
  throw new Refusal('NOT_FOUND', { what: 'annotation' });
}

async function record(
  { audit }: Services,
  { principal, ip }: FastifyRequest,
  action: string,
  { id, study, series, segmentation }: Annotation,
): Promise<void> {
  const entities = [
    { kind: 'study', id: study },
    { kind: 'series', id: series },
    { kind: 'annotation', id },
    ...(segmentation ? [{ kind: 'instance', id: segmentation.instance }] : []),
  ];
  await audit.record({ action, outcome: 'success', principal: principal.id, from: ip, entities });
}

function defined<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
