import type { AttackedServer } from './attacked-server.ts';

/** One thing an attacker tries. */
export interface Attempt {
  /** What it is about, as in the table of docs/security.md. */
  readonly about: string;
  readonly name: string;
  /** Why this is open for now; the test of it says when it no longer is. */
  readonly knownOpen?: string;
  /** @returns what stood open; nothing where the door was shut */
  readonly tryIt: (target: AttackedServer) => Promise<string | undefined>;
}

/** Several tries under one name count each; the open ones are told. */
export async function eachShut<T>(
  cases: readonly T[],
  tryOne: (one: T) => Promise<string | undefined>,
): Promise<string | undefined> {
  const open: string[] = [];
  for (const one of cases) {
    const problem = await tryOne(one);
    if (problem !== undefined) open.push(problem);
  }
  return open.length === 0 ? undefined : open.join('; ');
}

/** Nothing when the status is one of those that refuse. */
export function shut(name: string, status: number, ...refusing: readonly number[]): string | undefined {
  return refusing.includes(status) ? undefined : `${name}: ${status}, expected ${refusing.join(' or ')}`;
}
