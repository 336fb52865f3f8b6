import { ops as $, createNetworkBuilder, type Program, type RuntimeOptions, type TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  createMapPredictor,
  type MapPrediction,
  type MapPredictor,
  nameOfNetwork,
  type TrainingPlan,
} from '@vesalius/medical';
import { mmFormer } from '../mm-former/mm-former.ts';
import { maskOf, mmFormerOptions } from './mm-former-network.ts';

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
 * Shows which modality a trained mmFormer looked at, place by place. A channel that is 0 everywhere is missing and gets none.
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
  if (value.name !== 'Method' || value.method !== 'MmFormer')
    throw new VesaliusError('FILE_UNSUPPORTED', {
      what: 'attention of a network',
      got: nameOfNetwork(value),
      expected: 'an mmFormer',
    });
  const { scope, variables } = createNetworkBuilder();
  const space = plan.inferer.value.roiShape;
  const image = $.input('image', [1, value.inChannels, ...space]);
  const { attention } = mmFormer(scope, { image, mask: maskOf(scope, image) }, mmFormerOptions(value));
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  return { outputs: { maps: $.resize(attention, space) }, states };
}
