import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const BENCH_OPTIONS = {
  rounds: {
    type: 'number',
    value: 'N',
    summary: 'runs of each kind after a warm-up',
    integer: true,
    minimum: 1,
    default: 7,
  },
  threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1, default: 2 },
} as const satisfies OptionRecord;

/** How fast a plan trains and predicts on this machine. */
export const bench = defineCommand({
  name: 'bench',
  summary: 'measure how fast a plan or bundle trains and predicts here',
  usage: 'BUNDLE|PLAN.json',
  options: BENCH_OPTIONS,
  run: async (args, context) => (await import('./run-bench.ts')).runBench(args, context),
});
