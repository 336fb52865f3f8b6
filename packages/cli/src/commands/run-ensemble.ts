import { resolve } from 'node:path';
import { makeWayForBundle, type OpenBundle, readBundle, signingKey, writeBundle } from '@vesalius/bundle';
import { readSafetensors, type TensorValue, type WeightMap, writeOnnx, writeSafetensors } from '@vesalius/engine';
import { ensembleWeights, planEnsemble } from '@vesalius/methods';
import { describeEnsemble } from '../training/describe-ensemble.ts';
import { exportModel } from '../training/export-model.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { ENSEMBLE_OPTIONS } from './ensemble.ts';

/** Writes one bundle of several. */
export async function runEnsemble(
  { positionals, options }: CommandArguments<typeof ENSEMBLE_OPTIONS>,
  { stdout, json, cwd }: CommandContext,
): Promise<void> {
  const out = resolve(cwd, options.out ?? 'ensemble.bundle');
  const members = await Promise.all(positionals.map((folder) => readBundle(resolve(cwd, folder))));
  const plan = planEnsemble(members.map(({ manifest }) => manifest.plan));
  await makeWayForBundle(out);
  const weights = ensembleWeights(await Promise.all(members.map(weightsOf)));
  const { description, cases } = await describeEnsemble(plan, members);
  await writeBundle(
    out,
    {
      model: writeOnnx(exportModel(plan, weights)),
      weights: writeSafetensors(weights as WeightMap),
      ...description,
      more: { 'docs/cases.csv': cases },
    },
    await signingKey(),
  );
  stdout.write(
    json ? `${JSON.stringify({ bundle: out, members: members.length })}\n` : `${out}: ${members.length} members\n`,
  );
}

async function weightsOf(bundle: OpenBundle): Promise<ReadonlyMap<string, TensorValue>> {
  return readSafetensors(await bundle.readWeights(), bundle.folder).tensors as unknown as ReadonlyMap<
    string,
    TensorValue
  >;
}
