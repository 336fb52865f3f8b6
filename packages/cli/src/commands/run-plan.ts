import { resolve } from 'node:path';
import { writeFileAtomic } from '@vesalius/bundle/files';
import { openCheckedDataset } from '../datasets/open-checked-dataset.ts';
import { planDataset } from '../datasets/plan-dataset.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { PLAN_OPTIONS } from './plan.ts';
import { planTable } from './plan-table.ts';

/** Checks a data folder, plans for it, prints and writes the plan. */
export async function runPlan(
  { positionals: [data = ''], options }: CommandArguments<typeof PLAN_OPTIONS>,
  context: CommandContext,
): Promise<void> {
  const { stdout, json, cwd } = context;
  const { dataset, report } = await openCheckedDataset(resolve(cwd, data), options, context);
  const made = planDataset(dataset, report, { device: options.device === 'gpu' ? 'gpu' : 'cpu' });
  if (options.out !== undefined) await writeFileAtomic(resolve(cwd, options.out), `${JSON.stringify(made, null, 2)}\n`);
  stdout.write(`${json ? JSON.stringify(made) : planTable(made)}\n`);
}
