import {
  ops as $,
  createNetworkBuilder,
  type Program,
  type RuntimeOptions,
  type Scope,
  type Tensor,
  type TensorValue,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  createMapPredictor,
  type MapPrediction,
  type MapPredictor,
  nameOfNetwork,
  type PlannedMethod,
  type TrainingPlan,
} from '@vesalius/medical';
import { disentangle } from '../disentangle/disentangle.ts';
import { mmFormer } from '../mm-former/mm-former.ts';
import type { ModalityInputs } from '../modalities/modality-model.ts';
import { disentangleOptions, maskOf, mmFormerOptions } from './modality-networks.ts';

export interface AttentionReader {
  /** Of every channel a map on the scan's own grid: the share of its attention that each place gives it, 0 to 1. */
  read(...scan: Parameters<MapPredictor['predict']>): Promise<MapPrediction['maps']>;
  close(): Promise<void>;
}

export interface AttentionReaderOptions extends RuntimeOptions {
  readonly plan: TrainingPlan;
  readonly weights: ReadonlyMap<string, TensorValue>;
}

/**
 * Shows which modality a trained network looked at, place by place: the attention of an mmFormer, the gates of a disentangled network. A channel
 * that is 0 everywhere is missing and gets none.
 *
 * @throws FILE_UNSUPPORTED for another network, CHECKPOINT_MISMATCH when the weights are of another
 */
export async function createAttentionReader({ plan, ...options }: AttentionReaderOptions): Promise<AttentionReader> {
  const predictor = await createMapPredictor({ plan, program: attentionProgram(plan), ...options });
  return {
    read: async (...scan) => (await predictor.predict(...scan)).maps,
    close: () => predictor.close(),
  };
}

function attentionProgram(plan: TrainingPlan): Program {
  const { value } = plan.network;
  const shares = value.name === 'Method' ? SHARES[value.method] : undefined;
  if (value.name !== 'Method' || !shares)
    throw new VesaliusError('FILE_UNSUPPORTED', {
      what: 'attention of a network',
      got: nameOfNetwork(value),
      expected: 'an mmFormer or a disentangled network',
    });
  const { scope, variables } = createNetworkBuilder();
  const space = plan.inferer.value.roiShape;
  const image = $.input('image', [1, value.inChannels, ...space]);
  const maps = $.resize(shares(scope, { image, mask: maskOf(scope, image) }, value), space);
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  return { outputs: { maps }, states };
}

/** `[1, M, ...]`, in every place 1 over all modalities. */
const SHARES: Readonly<Record<string, (scope: Scope, inputs: ModalityInputs, planned: PlannedMethod) => Tensor>> = {
  MmFormer: (scope, inputs, planned) => mmFormer(scope, inputs, mmFormerOptions(planned)).attention,
  Disentangled: (scope, inputs, planned) => {
    const { finestGates } = disentangle(scope, inputs, disentangleOptions(planned));
    return $.div(finestGates, $.maximum($.sum(finestGates, [1]), LEAST));
  },
};

/** Where all gates are shut nobody has a share. */
const LEAST = 1e-6;
