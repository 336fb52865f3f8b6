// Set up before tests whose measured errors are wanted: what they hold below a bound is noted, and judged as ever.
import { afterEach, beforeEach, expect } from 'vitest';

/** A value that a test held below a bound. */
export interface BoundedError {
  readonly error: number;
  readonly bound: number;
}

declare module 'vitest' {
  interface TaskMeta {
    boundedErrors?: BoundedError[];
  }
}

let noted: BoundedError[] = [];

beforeEach(() => {
  noted = [];
});

afterEach(({ task }) => {
  task.meta.boundedErrors = noted;
});

function below(holds: (error: number, bound: number) => boolean, words: string) {
  return (error: number, bound: number) => {
    noted.push({ error, bound });
    return { pass: holds(error, bound), message: () => `expected ${error} to be ${words} ${bound}` };
  };
}

expect.extend({
  toBeLessThan: below((error, bound) => error < bound, 'less than'),
  toBeLessThanOrEqual: below((error, bound) => error <= bound, 'at most'),
});
