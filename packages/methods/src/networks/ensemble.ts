import { ops as $, type Tensor, type TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  buildNetwork,
  type MethodNetworks,
  type NetworkBuilder,
  networkSetup,
  type PlannedMethod,
  type PlannedNetwork,
  type TrainingPlan,
} from '@vesalius/medical';

/** A probability of 0 has no logarithm. */
const LEAST = 1e-7;

/** Logits whose softmax is the mean of the members' probabilities. */
export function ensembleNetwork({ options }: PlannedMethod, methods: MethodNetworks): NetworkBuilder {
  const members = (options['members'] as readonly PlannedNetwork[]).map((member) => networkSetup(member, methods));
  return (scope, x) => {
    const answers = members.map((member, i) =>
      $.softmax(buildNetwork(scope.child(`members.${i}`), x, member).logits[0] as Tensor, 1),
    );
    const mean = $.div(
      answers.reduce((sum, one) => $.add(sum, one)),
      answers.length,
    );
    return { logits: [$.log($.maximum(mean, LEAST))] };
  };
}

/** What members must agree in, so that one image serves all. */
const SHARED = ['spatialDimensions', 'orientation', 'targetSpacingMm', 'normalization', 'patchShape'] as const;

/**
 * The plan of several trained networks that answer as one: the mean of their probabilities.
 *
 * @throws INVALID_ARGUMENT for fewer than two plans or one of a network that follows clicks, DATA_MISMATCH for plans that prepare images in
 * different ways or tell other classes apart
 */
export function planEnsemble(plans: readonly TrainingPlan[]): TrainingPlan {
  const [first, ...others] = plans;
  if (!first || others.length === 0 || plans.some(({ interaction }) => interaction))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'members of an ensemble',
      got: plans.length,
      expected: 'two at least, none that follows clicks',
    });
  for (const plan of others) {
    const differing = SHARED.find((name) => JSON.stringify(plan[name].value) !== JSON.stringify(first[name].value));
    if (differing ?? (JSON.stringify(plan.classes) !== JSON.stringify(first.classes) ? 'classes' : undefined))
      throw new VesaliusError('DATA_MISMATCH', {
        what: `${differing ?? 'classes'} of the members`,
        got: JSON.stringify(differing ? plan[differing].value : plan.classes),
        expected: JSON.stringify(differing ? first[differing].value : first.classes),
      });
  }
  const members = plans.map(({ network }) => network.value);
  const value: PlannedMethod = {
    name: 'Method',
    method: 'Ensemble',
    inChannels: members[0]?.inChannels ?? 0,
    outChannels: members[0]?.outChannels ?? 0,
    channels: members.map((member) => (member.name === 'DynUNet' ? member.filters : member.channels)[0] ?? 0),
    strides: [coarsest(members)],
    fixedSize: members.some((member) => member.name === 'Method' && member.fixedSize),
    options: { members },
  };
  const shifted = !value.fixedSize && first.inferer.value.shifted;
  return {
    ...first,
    network: { value, why: `${members.length} trained networks, whose probabilities are averaged.` },
    inferer: { ...first.inferer, value: { ...first.inferer.value, shifted } },
  };
}

/** What an image's size must be a multiple of, so that it is one for every member: strides are powers of two. */
function coarsest(members: readonly PlannedNetwork[]): number[] {
  const factors = members.map(({ strides }) =>
    strides.reduce(
      (product, stride) => product.map((n, axis) => n * (stride[axis] ?? 1)),
      strides[0]?.map(() => 1) ?? [],
    ),
  );
  return (factors[0] ?? []).map((_, axis) => Math.max(...factors.map((each) => each[axis] ?? 1)));
}

/** Each member's weights under its number. */
export function ensembleWeights(members: readonly ReadonlyMap<string, TensorValue>[]): Map<string, TensorValue> {
  return new Map(
    members.flatMap((weights, i) => [...weights].map(([name, value]) => [`members.${i}.${name}`, value] as const)),
  );
}
