import type { Command } from './command.ts';
import { phantom } from './phantom.ts';
import { plan } from './plan.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [plan, phantom];
