import type { FastifyInstance } from 'fastify';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import type { Permission, Principal } from './principal.ts';

/** What a route demands; a route that says nothing is refused when it is registered. */
export type RouteAccess = 'public' | 'signed in' | Permission;

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly access?: RouteAccess;
    /** Who asks where no credentials come; nobody without it. */
    readonly anonymous?: Principal;
  }
  interface FastifyRequest {
    principal: Principal;
    /** The data the principal may touch by this route's permission. */
    access: Access;
  }
}

/** A part of the server that answers HTTP: registers its routes, each with its `config.access`. */
export type Feature = (app: FastifyInstance, services: Services) => void | Promise<void>;
