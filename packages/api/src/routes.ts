import type { z } from 'zod';
import { ACCOUNT_ROUTES } from './accounts/account-routes.ts';
import { ANNOTATION_ROUTES } from './annotations/annotation-routes.ts';
import type { ApiRoute } from './api-route.ts';
import { FEDERATION_ROUTES } from './federation/federation-routes.ts';
import { JOB_ROUTES } from './jobs/job-routes.ts';
import { MODEL_ROUTES } from './models/model-routes.ts';
import { STUDY_ROUTES } from './studies/study-routes.ts';
import { TRAINING_ROUTES } from './trainings/training-routes.ts';

/** Every route that answers JSON; server, client and OpenAPI are made from this table. */
export const ROUTES = {
  ...ACCOUNT_ROUTES,
  ...JOB_ROUTES,
  ...STUDY_ROUTES,
  ...MODEL_ROUTES,
  ...ANNOTATION_ROUTES,
  ...TRAINING_ROUTES,
  ...FEDERATION_ROUTES,
} as const satisfies Record<string, ApiRoute>;

export type RouteName = keyof typeof ROUTES;

type Part<Name extends RouteName, Key extends string> = (typeof ROUTES)[Name] extends {
  readonly [K in Key]: infer Schema;
}
  ? Schema
  : undefined;

/** What a handler is given as body, after its defaults were put in. */
export type RouteBody<Name extends RouteName> =
  Part<Name, 'body'> extends z.ZodType ? z.output<Part<Name, 'body'>> : undefined;
export type RouteQuery<Name extends RouteName> =
  Part<Name, 'query'> extends z.ZodType ? z.output<Part<Name, 'query'>> : undefined;
/** What a client sends. */
export type RouteInput<Name extends RouteName> =
  Part<Name, 'body'> extends z.ZodType ? z.input<Part<Name, 'body'>> : undefined;
export type RouteAnswer<Name extends RouteName> = z.output<(typeof ROUTES)[Name]['answer']>;
