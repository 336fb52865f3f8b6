import { resolve } from 'node:path';
import { assertSameFiles, readBundle } from '@vesalius/bundle';
import { readFileBytes, sha256 } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import { RECIPES } from '@vesalius/medical';
import { openCheckedDataset } from '../datasets/open-checked-dataset.ts';
import type { BudgetRevision } from '../training/step-budget.ts';
import { trainToBundle } from '../training/train-to-bundle.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { REPRODUCE_OPTIONS } from './reproduce.ts';

/** Trains a bundle again and compares the weights. */
export async function runReproduce(
  { positionals: [folder = ''], options }: CommandArguments<typeof REPRODUCE_OPTIONS>,
  context: CommandContext,
): Promise<void> {
  const { cwd, stdout, json } = context;
  const bundle = await readBundle(resolve(cwd, folder));
  const { manifest } = bundle;
  if (options.data === undefined)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'data of the bundle',
      got: 'nothing',
      expected: '--data DIR',
    });
  const { dataset, report } = await openCheckedDataset(resolve(cwd, options.data), {}, context);
  assertSameFiles(
    manifest.data.files,
    report.cases.flatMap(({ files }) => files),
  );
  const out = resolve(cwd, options.out ?? `${folder}.again`);
  const { name, threads, stepRevisions } = manifest.recipe as {
    name: string | null;
    threads: number;
    stepRevisions: BudgetRevision[];
  };
  const result = await trainToBundle({
    dataset: { ...dataset, name: manifest.data.name },
    report,
    plan: manifest.plan,
    recipe: name === null ? undefined : RECIPES[name],
    gate: undefined,
    split: manifest.split,
    seed: manifest.seed,
    threads,
    budget: { revisions: stepRevisions },
    out,
    run: `${out}.run`,
    context,
  });
  const [before, after] = await Promise.all(
    [folder, out].map(async (one) => sha256(await readFileBytes(resolve(cwd, one, 'weights.safetensors')))),
  );
  const same = before === after;
  stdout.write(
    json
      ? `${JSON.stringify({ same, ...result })}\n`
      : `${same ? 'The same weights, byte for byte' : 'Other weights than the bundle'}; mean Dice ${result.dice.toFixed(4)}\n`,
  );
  if (!same)
    throw new VesaliusError('HASH_MISMATCH', {
      what: 'weights.safetensors',
      got: after,
      expected: before,
      file: out,
    });
}
