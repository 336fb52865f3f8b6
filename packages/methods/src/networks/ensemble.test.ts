import {
  ops as $,
  compile,
  createNetworkBuilder,
  initialValues,
  type Tensor,
  type TensorValue,
} from '@vesalius/engine';
import { buildNetwork, networkSetup, type PlannedNetwork, type TrainingPlan } from '@vesalius/medical';
import { expect, test } from 'vitest';
import { ensembleWeights, planEnsemble } from './ensemble.ts';
import { METHOD_NETWORKS } from './method-networks.ts';

const why = '';
const unet = (channels: readonly number[]): PlannedNetwork => ({
  name: 'UNet',
  inChannels: 1,
  outChannels: 2,
  channels,
  strides: [[2, 2]],
  numResUnits: 1,
});
const planOf = (network: PlannedNetwork, spacing = 1) =>
  ({
    spatialDimensions: { value: 2, why },
    orientation: { value: 'RAS', why },
    targetSpacingMm: { value: [spacing, 1, 1], why },
    normalization: { value: [], why },
    patchShape: { value: [8, 8], why },
    classes: [{ value: 0, name: 'background' }],
    network: { value: network, why },
    inferer: { value: { roiShape: [8, 8], overlap: 0.5, mode: 'gaussian', mirrorAxes: [], shifted: true }, why },
  }) as unknown as TrainingPlan;

async function probabilitiesOf(network: PlannedNetwork, weights?: ReadonlyMap<string, TensorValue>, seed = 0) {
  const { scope, variables } = createNetworkBuilder();
  const { logits } = buildNetwork(scope, $.input('x', [1, 1, 8, 8]), networkSetup(network, METHOD_NETWORKS));
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  const program = await compile({ outputs: { p: $.softmax(logits[0] as Tensor, 1) }, states }, { threads: 1 });
  const values = weights ?? initialValues(variables(), seed);
  for (const name of Object.keys(states)) program.writeState(name, values.get(name) as TensorValue);
  const data = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * i));
  const { p } = await program.run({ x: { shape: [1, 1, 8, 8], dtype: 'float32', data } });
  await program.close();
  return { p: Array.from(p?.data ?? [], Number), values };
}

test('answers with the mean of what its members would say', async () => {
  const [a, b] = [unet([3, 4]), unet([4, 6])];
  const [one, other] = [await probabilitiesOf(a, undefined, 1), await probabilitiesOf(b, undefined, 2)];
  const plan = planEnsemble([planOf(a), planOf(b)]);
  const together = await probabilitiesOf(plan.network.value, ensembleWeights([one.values, other.values]));
  for (const [i, p] of together.p.entries())
    expect(p).toBeCloseTo(((one.p[i] as number) + (other.p[i] as number)) / 2, 6);
});

test('refuses one member, and members that see images in another way', () => {
  expect(() => planEnsemble([planOf(unet([3, 4]))])).toThrow(/INVALID_ARGUMENT: members of an ensemble, got 1/);
  expect(() => planEnsemble([planOf(unet([3, 4])), planOf(unet([3, 4]), 2)])).toThrow(/targetSpacingMm of the members/);
});
