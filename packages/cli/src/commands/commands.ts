import { bench } from './bench.ts';
import type { Command } from './command.ts';
import { demo } from './demo.ts';
import { evaluate } from './evaluate.ts';
import { inspect } from './inspect.ts';
import { phantom } from './phantom.ts';
import { plan } from './plan.ts';
import { predict } from './predict.ts';
import { reproduce } from './reproduce.ts';
import { train } from './train.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [plan, train, evaluate, predict, inspect, reproduce, bench, phantom, demo];
