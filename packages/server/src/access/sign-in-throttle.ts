import { createThrottle } from './throttle.ts';

const MINUTE = 60_000;

/** Counts failures by name and place. */
export type SignInThrottle = ReturnType<typeof signInThrottle>;

/** Who guesses at one name from one place pauses soon; many places at one name, and one place at many names, later. */
export function signInThrottle() {
  const pair = createThrottle({ failures: 5, firstPauseMs: MINUTE, longestPauseMs: 30 * MINUTE });
  const wide = createThrottle({ failures: 50, firstPauseMs: MINUTE, longestPauseMs: 15 * MINUTE });
  const keys = (name: string, ip: string) =>
    [
      [pair, `${name.toLowerCase()} ${ip}`],
      [wide, `name ${name.toLowerCase()}`],
      [wide, `from ${ip}`],
    ] as const;
  return {
    demand: (name: string, ip: string) => {
      for (const [throttle, key] of keys(name, ip)) throttle.demand(key);
    },
    failed: (name: string, ip: string) => {
      for (const [throttle, key] of keys(name, ip)) throttle.failed(key);
    },
    succeeded: (name: string, ip: string) => {
      for (const [throttle, key] of keys(name, ip)) throttle.succeeded(key);
    },
  };
}
