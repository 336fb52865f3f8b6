import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../http/refusal.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import type { ImageSessions } from './image-sessions.ts';
import type { Images } from './images.ts';
import type { Labels } from './labels.ts';
import type { Tasks } from './tasks.ts';

/** What stands behind the routes. */
export interface Parts {
  readonly services: Services;
  readonly images: Images;
  readonly labels: Labels;
  readonly sessions: ImageSessions;
  readonly tasks: Tasks;
}

/** One request, with what every route needs of it. */
export interface Call extends Parts {
  readonly app: FastifyInstance;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Already narrowed to the project where the address names one. */
  readonly access: Access;
  /** The project that new studies, sessions and jobs belong to. */
  readonly project: string;
  /** Whose work it is: of a token, its owner's. */
  readonly person: { readonly id: string; readonly name: string };
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

const DEFAULT_PROJECT = 'default';

export function callOf(parts: Parts, app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): Call {
  const { principal, access } = request;
  const { project = DEFAULT_PROJECT } = request.params as { project?: string };
  const { id, name } = principal.person ?? principal;
  return { ...parts, app, request, reply, access, project, person: { id, name }, signal: abortedWith(reply) };
}

/** A parameter of the address's path. */
export function pathOf({ request }: Call, name: string): string {
  return (request.params as Record<string, string | undefined>)[name] ?? '';
}

/** A parameter of the query. @throws BAD_REQUEST where it comes twice */
export function queryOf({ request }: Call, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new Refusal('BAD_REQUEST', { what: `query parameter ${name}`, got: 'several', expected: 'one' });
}

/** @throws BAD_REQUEST where it is missing */
export function demandQuery(call: Call, name: string): string {
  const value = queryOf(call, name);
  if (value !== undefined && value !== '') return value;
  throw new Refusal('BAD_REQUEST', { what: `query parameter ${name}`, got: 'none' });
}

/** As Python's clients write it: `true`, `True`, `1`. */
export function isSet(call: Call, name: string): boolean {
  return /^(true|1|yes|on)$/i.test(queryOf(call, name) ?? '');
}

/** A whole number of the query. */
export function countOf(call: Call, name: string, otherwise: number): number {
  const value = Number(queryOf(call, name) ?? otherwise);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Refusal('BAD_REQUEST', { what: `query parameter ${name}`, expected: 'a whole number' });
}

function abortedWith({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
