import type { RouteAccess } from '../http/feature.ts';
import type { Call } from './call.ts';

/** A route of MONAI Label's interface. */
export interface Route {
  readonly methods: readonly ('GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE')[];
  /** Below the root. */
  readonly path: string;
  readonly access: RouteAccess;
  readonly handler: (call: Call) => unknown;
}
