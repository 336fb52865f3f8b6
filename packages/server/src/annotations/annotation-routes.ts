import type { FastifyRequest } from 'fastify';
import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';
import type { Services } from '../services.ts';
import type { Annotation, AnnotationFilter } from './annotations.ts';
import { demandOwn, manages, personOf } from './annotator-of.ts';
import { labelRoutes } from './label-routes.ts';
import { maskRoutes } from './mask-routes.ts';
import { neededAnnotation } from './needed-annotation.ts';
import { Presence } from './presence.ts';
import { presenceRoutes } from './presence-routes.ts';

/** `/api/annotations` and what belongs to them: see `ANNOTATION_ROUTES` of the API. */
export const annotationRoutes: Feature = (app, services) => {
  const { annotations, settings } = services;
  const presence = new Presence();
  maskRoutes(app, { annotations, presence, settings });
  presenceRoutes(app, annotations, presence);
  labelRoutes(app, services);

  apiRoute(app, 'listAnnotations', async ({ request, query: { state, ...query } }) => {
    const filter: AnnotationFilter = { ...defined(query), ...(state && { states: [state] }) };
    return [...(await annotations.list(filter, request.access))];
  });

  apiRoute(app, 'getAnnotation', ({ request }) => neededAnnotation(annotations, request));

  apiRoute(app, 'listHistory', async ({ request, params: { annotation = '' } }) => [
    ...(await annotations.history(annotation, request.access)),
  ]);

  apiRoute(app, 'openAnnotation', async ({ request, body: { series, from, further } }) => {
    const { access, principal } = request;
    const annotator = { ...personOf(principal), kind: 'person' } as const;
    const opened = await (further
      ? annotations.openFurther(series, annotator, access)
      : annotations.open(series, annotator, access));
    if (from === undefined) return opened;
    const filled = await annotations.importSegmentation(opened.id, from, access);
    await record(services, request, 'segmentation-imported', filled);
    return filled;
  });

  apiRoute(app, 'listSegmentations', async ({ request, params: { series = '' } }) => [
    ...(await annotations.segmentationsOf(series, request.access)),
  ]);

  apiRoute(app, 'submitAnnotation', async ({ request }) => {
    const annotation = await neededAnnotation(annotations, request);
    if (annotation.annotator.kind === 'person') demandOwn(annotation, request.principal);
    const submitted = await annotations.submit(annotation.id, request.principal, request.access);
    presence.changed(submitted);
    await record(services, request, 'annotation-submitted', submitted);
    return submitted;
  });

  apiRoute(app, 'reviewAnnotation', async ({ request, body }) => {
    const { id } = await neededAnnotation(annotations, request);
    const reviewed = await annotations.review(id, body, request.principal, request.access);
    presence.changed(reviewed);
    await record(services, request, `annotation-${reviewed.state}`, reviewed);
    return reviewed;
  });

  apiRoute(app, 'removeAnnotation', async ({ request }) => {
    const annotation = await neededAnnotation(annotations, request);
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
