import {
  ops as $,
  createNetworkBuilder,
  type Program,
  type RuntimeOptions,
  type Tensor,
  type TensorValue,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  createMapPredictor,
  type MapPrediction,
  type MapPredictor,
  nameOfNetwork,
  type TrainingPlan,
} from '@vesalius/medical';
import { transUnetPlusPlus } from '../trans-unet-plus-plus/trans-unet-plus-plus.ts';
import { transUnetPlusPlusOptions } from './planned-options.ts';

/** What the gates of one node weighed. */
export interface GateMap {
  /** `level.column`: 0 is the finest level, 1 the first column after the encoder. */
  readonly node: string;
  /** The transformer's share from 0 to 1 in every place, on the scan's own grid; the rest is the convolutions'. */
  readonly places: MapPrediction['maps'][number];
  /** Weights from 0 to 1 of the channels that the level brings to the node, its encoder's first. */
  readonly channels: Float32Array;
}

export interface GateReader {
  /** The gates of every node on a scan, by level and column. */
  read(...scan: Parameters<MapPredictor['predict']>): Promise<GateMap[]>;
  close(): Promise<void>;
}

export interface GateReaderOptions extends RuntimeOptions {
  readonly plan: TrainingPlan;
  readonly weights: ReadonlyMap<string, TensorValue>;
}

/**
 * Shows how a trained TransUNet++ allocated its weights on a scan.
 *
 * @throws FILE_UNSUPPORTED for a network without gates, CHECKPOINT_MISMATCH when the weights are of another
 */
export async function createGateReader({ plan, ...options }: GateReaderOptions): Promise<GateReader> {
  const { program, nodes } = gateProgram(plan);
  const predictor = await createMapPredictor({ plan, program, ...options });
  return {
    read: async (...scan) => {
      const { maps, readings } = await predictor.predict(...scan);
      return nodes.map((node, i) => ({
        node,
        places: maps[i] as GateMap['places'],
        channels: readings.get(node) as Float32Array,
      }));
    },
    close: () => predictor.close(),
  };
}

function gateProgram(plan: TrainingPlan): { program: Program; nodes: readonly string[] } {
  const { value } = plan.network;
  const { scope, variables } = createNetworkBuilder();
  const space = plan.inferer.value.roiShape;
  const image = $.input('image', [1, value.inChannels, ...space]);
  const { shares, channelWeights } =
    value.name === 'Method' && value.method === 'TransUNetPlusPlus'
      ? transUnetPlusPlus(scope, image, transUnetPlusPlusOptions(value))
      : { shares: new Map<string, Tensor>(), channelWeights: new Map<string, Tensor>() };
  const nodes = [...shares.keys()].sort();
  if (nodes.length === 0) {
    throw new VesaliusError('FILE_UNSUPPORTED', {
      what: 'explanation of a network',
      got: nameOfNetwork(value),
      expected: 'a TransUNet++ with gates and transformer',
    });
  }
  const places = nodes.map((node) => $.resize($.sliceAxis(shares.get(node) as Tensor, 1, 1, 2), space));
  const readings = Object.fromEntries(nodes.map((node) => [node, channelWeights.get(node) as Tensor]));
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  return { program: { outputs: { maps: $.concat(places, 1), ...readings }, states }, nodes };
}
