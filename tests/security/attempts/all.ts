import type { Attempt } from '../attempt.ts';
import { ACCOUNT_ATTEMPTS } from './accounts.ts';
import { BOMB_ATTEMPTS } from './bombs.ts';
import { BROWSER_ATTEMPTS } from './browsers.ts';
import { CONNECTION_ATTEMPTS } from './connections.ts';
import { INSIDE_ATTEMPTS } from './inside.ts';
import { PROJECT_ATTEMPTS } from './projects.ts';
import { TRACE_ATTEMPTS } from './traces.ts';

/** What is tried besides every route; traces come last, as they look at what all others left. */
export const ATTEMPTS: readonly Attempt[] = [
  ...ACCOUNT_ATTEMPTS,
  ...PROJECT_ATTEMPTS,
  ...INSIDE_ATTEMPTS,
  ...BOMB_ATTEMPTS,
  ...CONNECTION_ATTEMPTS,
  ...BROWSER_ATTEMPTS,
  ...TRACE_ATTEMPTS,
];
