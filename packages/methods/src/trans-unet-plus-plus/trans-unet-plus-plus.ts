import { ops as $, convolutionLayer, kaimingNormal, range, type Scope, type Tensor } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { unetBlock, unetUpsample } from '@vesalius/medical';
import { channelGate, placeGate, type SpreadTokens } from './gates.ts';
import { TRANS_UNET_PLUS_PLUS_SIZES, type TransUnetPlusPlusSize } from './sizes.ts';
import { tokenTransformer } from './token-transformer.ts';

export interface TransUnetPlusPlusOptions {
  readonly outChannels: number;
  readonly size?: keyof typeof TRANS_UNET_PLUS_PLUS_SIZES | TransUnetPlusPlusSize;
  /** From the image to the first level, by axis; 1 by default. Answers are brought back to the image's size. */
  readonly stem?: readonly number[];
  /** From each level to the next, one fewer than levels, in tensor order; 2 by default. */
  readonly strides?: readonly (readonly number[])[];
  /** Size of the coarsest features that positions of tokens are learned for; those of x by default. */
  readonly grid?: readonly number[];
  /** Nodes between encoder and decoder, each fed by all of its level before it (UNet++); else skips go straight. */
  readonly nest?: boolean;
  /** Weights of places and channels in every node; else the transformer speaks at the coarsest level only. */
  readonly gate?: boolean;
  /** Attention between all places of the coarsest level. */
  readonly transformer?: boolean;
  /** While training every nested branch, or every level of a decoder without nest, answers too. */
  readonly deepSupervision?: boolean;
  /** How many nested branches are computed: fewer are faster. Needs nest; all by default. */
  readonly branches?: number;
}

export interface TransUnetPlusPlusResult {
  /** `[B, outChannels, ...S]`, the last branch first; others follow only while training under deep supervision. */
  readonly logits: readonly Tensor[];
  /** By node, as `0.4`: `[B, 2, ...S]`, the shares of convolutions and transformer in every place, which sum to 1. */
  readonly shares: ReadonlyMap<string, Tensor>;
  /** By node: `[B, C]`, the weights of all channels that its level brings to it, from 0 to 1. */
  readonly channelWeights: ReadonlyMap<string, Tensor>;
}

/**
 * Convolutions that see edges and a transformer that sees the whole, weighed against each other in every place of
 * every nested node. Without `nest` and `gate` it is TransUNet's design, without `gate` and `transformer` UNet++'s,
 * without all three a U-Net.
 *
 * @param x - `[B, C, ...S]` with 2 or 3 spatial axes, each size a multiple of the product of stem and strides
 * @throws SHAPE_MISMATCH for another size, INVALID_ARGUMENT for branches or strides that do not fit
 * @source Chen et al. 2021, TransUNet; Zhou et al. 2018, UNet++; Wang et al. 2022, UCTransNet
 */
export function transUnetPlusPlus(scope: Scope, x: Tensor, options: TransUnetPlusPlusOptions): TransUnetPlusPlusResult {
  const network = settingsOf(x, options);
  const { depth, branches, nest } = network;
  const grown: Grown = { nodes: new Map(), spread: new Map(), shares: new Map(), channelWeights: new Map() };
  encode(scope, x, network, grown);
  for (let column = 1; column <= branches; column++)
    for (let level = branches - column; level >= 0; level--)
      if (nest || level + column === depth) growNode(scope, [level, column], network, grown);
  const heads = scope.training && options.deepSupervision ? branches : 1;
  const logits = range(heads).map((i) => {
    const key = nest ? `0.${branches - i}` : `${i}.${depth - i}`;
    return answer(scope.child(`heads.${key}`), nodeAt(grown, key), { ...network, outChannels: options.outChannels });
  });
  return { logits, shares: grown.shares, channelWeights: grown.channelWeights };
}

interface Settings extends TransUnetPlusPlusSize {
  /** The coarsest level. */
  readonly depth: number;
  readonly branches: number;
  readonly stem: readonly number[];
  readonly strides: readonly (readonly number[])[];
  readonly grid: readonly number[];
  readonly nest: boolean;
  readonly gate: boolean;
  readonly transformer: boolean;
}

/** What is computed so far, by `level.column`; the transformer's features by level. */
interface Grown {
  readonly nodes: Map<string, Tensor>;
  readonly spread: Map<number, SpreadTokens>;
  readonly shares: Map<string, Tensor>;
  readonly channelWeights: Map<string, Tensor>;
}

function settingsOf(x: Tensor, options: TransUnetPlusPlusOptions): Settings {
  const { size = 'tiny', nest = true, gate = true, transformer = true } = options;
  const widths = typeof size === 'string' ? TRANS_UNET_PLUS_PLUS_SIZES[size] : size;
  const depth = widths.channels.length - 1;
  const space = x.shape.slice(2);
  const strides = options.strides ?? range(depth).map(() => space.map(() => 2));
  const { branches = depth, stem = space.map(() => 1) } = options;
  assertOption(
    strides.length === depth && [stem, ...strides].every((stride) => stride.length === space.length),
    { what: 'transUnetPlusPlus: stem and strides', got: JSON.stringify([stem, ...strides]) },
    `${depth} of ${space.length} axes`,
  );
  const possible = Number.isInteger(branches) && branches >= 1 && branches <= depth && (nest || branches === depth);
  assertOption(
    possible,
    { what: 'transUnetPlusPlus: branches', got: branches },
    nest ? `1 to ${depth}` : `${depth} without nest`,
  );
  const factors = space.map((_, axis) =>
    [stem, ...strides].reduce((product, stride) => product * (stride[axis] as number), 1),
  );
  if (space.length < 2 || space.length > 3 || space.some((length, axis) => length % (factors[axis] as number) !== 0)) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'transUnetPlusPlus: spatial size of the input',
      got: space,
      expected: `2 or 3 axes, multiples of [${factors.join(', ')}]`,
    });
  }
  const grid = options.grid ?? space.map((length, axis) => length / (factors[axis] as number));
  return { ...widths, depth, branches, stem, strides, grid, nest, gate, transformer };
}

function assertOption(holds: boolean, fault: { what: string; got: unknown }, expected: string): void {
  if (!holds) throw new VesaliusError('INVALID_ARGUMENT', { ...fault, expected });
}

/** Levels below the last branch are computed for the transformer only. */
function encode(scope: Scope, x: Tensor, network: Settings, { nodes, spread }: Grown): void {
  const { channels, stem, strides, depth, transformer, gate, branches } = network;
  let y = x;
  for (let level = 0; level <= (transformer ? depth : branches); level++) {
    const stride = level === 0 ? stem : (strides[level - 1] as readonly number[]);
    const block = { outChannels: channels[level] as number, kernelSize: 3, stride, initializer: kaimingNormal(0.01) };
    y = unetBlock(scope.child(`encoder.${level}`), y, block);
    nodes.set(`${level}.0`, y);
  }
  if (!transformer) return;
  const tokens = tokenTransformer(scope.child('transformer'), y, network);
  const bottom = { outChannels: channels[depth] as number, kernelSize: 3 };
  nodes.set(`${depth}.0`, unetBlock(scope.child('bottom'), tokens, bottom));
  if (!gate) return;
  for (let level = 0; level < branches; level++) {
    const own = { outChannels: channels[level] as number, kernelSize: 1 };
    const narrow = convolutionLayer(scope.child(`spread.${level}`), tokens, own);
    const size = nodeAt({ nodes }, `${level}.0`).shape.slice(2);
    spread.set(level, { tokens, spread: $.resize(narrow, size) });
  }
}

/** The node before it on its level is weighed against the transformer; all before it and the coarser node are joined. */
function growNode(root: Scope, [level, column]: readonly [number, number], network: Settings, grown: Grown): void {
  const key = `${level}.${column}`;
  const scope = root.child(`nodes.${key}`);
  const outChannels = network.channels[level] as number;
  const before = network.nest
    ? range(column).map((i) => nodeAt(grown, `${level}.${i}`))
    : [nodeAt(grown, `${level}.0`)];
  const global = grown.spread.get(level);
  if (global) {
    const { features, shares } = placeGate(scope.child('place_gate'), before.at(-1) as Tensor, global);
    before[before.length - 1] = features;
    grown.shares.set(key, shares);
  }
  const up = { outChannels, upsampleKernelSize: network.strides[level] as readonly number[] };
  const coarser = unetUpsample(scope.child('up'), nodeAt(grown, `${level + 1}.${column - 1}`), up);
  const gated = network.gate ? channelGate(scope.child('channel_gate'), before, coarser) : undefined;
  if (gated) grown.channelWeights.set(key, gated.weights);
  const block = { outChannels, kernelSize: 3, initializer: kaimingNormal(0.01) };
  grown.nodes.set(key, unetBlock(scope.child('block'), $.concat([...(gated?.features ?? before), coarser], 1), block));
}

/** Logits at the size of the image: behind a stem every feature gives those of a few pixels. */
function answer(
  scope: Scope,
  x: Tensor,
  { stem, outChannels }: { readonly stem: readonly number[]; readonly outChannels: number },
): Tensor {
  return stem.every((stride) => stride === 1)
    ? convolutionLayer(scope, x, { outChannels, kernelSize: 1, initializer: kaimingNormal(0.01) })
    : unetUpsample(scope, x, { outChannels, upsampleKernelSize: stem, transBias: true });
}

/** Columns grow from the coarsest level up, so what a node is made of is there. */
function nodeAt({ nodes }: Pick<Grown, 'nodes'>, key: string): Tensor {
  return nodes.get(key) as Tensor;
}
