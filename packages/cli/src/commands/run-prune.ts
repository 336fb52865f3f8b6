import { join, resolve } from 'node:path';
import { makeWayForBundle, readBundle, signingKey, writeBundle } from '@vesalius/bundle';
import { readFileBytes, sha256 } from '@vesalius/bundle/files';
import {
  elementCount,
  readSafetensors,
  type TensorValue,
  type WeightMap,
  writeOnnx,
  writeSafetensors,
} from '@vesalius/engine';
import { buildPredictionGraph, setupOfPlan, sizeOfShape } from '@vesalius/medical';
import { METHOD_NETWORKS, prunePlan } from '@vesalius/methods';
import { programVersions } from '../program-version.ts';
import { exportModel } from '../training/export-model.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { PRUNE_OPTIONS } from './prune.ts';

/** Writes a bundle without the last branches of another. */
export async function runPrune(
  { positionals: [path = ''], options }: CommandArguments<typeof PRUNE_OPTIONS>,
  { stdout, json, cwd }: CommandContext,
): Promise<void> {
  const whole = await readBundle(resolve(cwd, path));
  const { manifest } = whole;
  const plan = prunePlan(manifest.plan, options.branches);
  const tensors = readSafetensors(await whole.readWeights(), whole.folder).tensors as WeightMap;
  const graph = buildPredictionGraph(setupOfPlan(plan, METHOD_NETWORKS), sizeOfShape(plan.patchShape.value));
  const needed = new Set(graph.variables.map(({ name }) => name));
  const weights = new Map([...tensors].filter(([name]) => needed.has(name)));
  const out = resolve(cwd, options.out ?? 'pruned.bundle');
  await makeWayForBundle(out);
  const description = `${manifest.name} with ${options.branches} of its nested branches; not measured`;
  await writeBundle(
    out,
    {
      model: writeOnnx(exportModel(plan, weights as unknown as ReadonlyMap<string, TensorValue>)),
      weights: writeSafetensors(weights),
      manifest: {
        ...manifest,
        name: `${manifest.name}-pruned`,
        created: new Date().toISOString(),
        versions: programVersions(),
        plan,
        metrics: [],
        largestComponentTrials: [],
        parent: {
          name: manifest.name,
          manifestSha256: sha256(await readFileBytes(join(whole.folder, 'manifest.json'))),
        },
      },
      metadata: {
        description,
        authors: 'trained with Vesalius',
        copyright: 'as chosen by the owner of the training',
        intendedUse: 'Research; not for diagnosis.',
        inputName: 'image',
        outputName: 'labels',
        output: 'labels',
      },
    },
    await signingKey(),
  );
  const count = (values: Iterable<{ readonly shape: readonly number[] }>): number =>
    [...values].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const [before, after] = [count(tensors.values()), count(weights.values())];
  stdout.write(
    json
      ? `${JSON.stringify({ bundle: out, parameters: after })}\n`
      : `${out}: ${after.toLocaleString('en')} of ${before.toLocaleString('en')} parameters\n`,
  );
}
