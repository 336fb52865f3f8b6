import { Refusal } from '../http/refusal.ts';

interface Limits {
  /** Failures that are free. */
  readonly failures: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export interface Throttle {
  /** @throws Refusal TOO_MANY_REQUESTS while the key pauses */
  demand(key: string): void;
  failed(key: string): void;
  succeeded(key: string): void;
}

const MOST_KEYS = 20_000;

/** Lets some failures pass, then demands a pause that doubles with each further one. Known and unknown names are treated alike. */
export function createThrottle({ failures, firstPauseMs, longestPauseMs }: Limits): Throttle {
  const keys = new Map<string, { count: number; until: number }>();
  return {
    demand: (key) => {
      const pauseMs = (keys.get(key)?.until ?? 0) - Date.now();
      if (pauseMs <= 0) return;
      const seconds = Math.ceil(pauseMs / 1000);
      throw new Refusal('TOO_MANY_REQUESTS', {
        what: 'failed sign-ins',
        expected: `a pause of ${seconds} s`,
        headers: { 'retry-after': String(seconds) },
      });
    },
    failed: (key) => {
      const count = (keys.get(key)?.count ?? 0) + 1;
      const pauseMs = count < failures ? 0 : Math.min(firstPauseMs * 2 ** (count - failures), longestPauseMs);
      keys.delete(key);
      keys.set(key, { count, until: Date.now() + pauseMs });
      const oldest = keys.keys().next().value;
      if (keys.size > MOST_KEYS && oldest !== undefined) keys.delete(oldest);
    },
    succeeded: (key) => void keys.delete(key),
  };
}
