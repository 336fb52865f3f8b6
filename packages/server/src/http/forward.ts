import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from './principal.ts';

const forwarded = new WeakMap<IncomingMessage, Principal>();

/**
 * Lets another route of the same app answer a request, for the one who sent it and nobody else. The body must not have been read; it
 * goes through as it comes.
 */
export function forward(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, url: string): void {
  forwarded.set(request.raw, request.principal);
  reply.hijack();
  request.raw.url = url;
  app.routing(request.raw, reply.raw);
}

/** Who was found to ask before a request was forwarded. */
export function forwardedPrincipal({ raw }: FastifyRequest): Principal | undefined {
  return forwarded.get(raw);
}
