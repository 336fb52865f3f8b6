import type { z } from 'zod';
import type { Permission } from './roles.ts';

/** A route of the API: who may use it, what it takes and what it gives. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Parameters as `:name`. */
  readonly path: string;
  readonly access: 'public' | 'signed in' | Permission;
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
}
