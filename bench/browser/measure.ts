import { runTraining } from './training-run.ts';

/** What a figure calls from outside the page. */
Object.assign(globalThis, { runTraining });
