import { type OnnxModel, type TensorValue, toOnnx, withValues } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { ChannelNormalization } from '../planning/training-plan.ts';
import { buildPredictionGraph } from '../training/segmentation-graphs.ts';
import type { InteractionSetup, NetworkSetup } from '../training/training-setup.ts';
import type { Size } from '../transforms/sample.ts';
import { OnnxWriter } from './onnx-writer.ts';

type NetworkOptions = Pick<
  ImageModelOptions,
  'network' | 'normalization' | 'classValues' | 'smallestSize' | 'divisor' | 'weights' | 'interaction'
>;

export interface ImageModelOptions {
  readonly network: NetworkSetup;
  readonly normalization: readonly ChannelNormalization[];
  /** Label value of each class, the background first; 0 to 255. */
  readonly classValues: readonly number[];
  /** Every axis is padded with the normalized zero to at least this, and to a multiple of `divisor`. */
  readonly smallestSize: Size;
  readonly divisor: Size;
  readonly weights: ReadonlyMap<string, TensorValue>;
  /** Spatial axes along which the image is also predicted mirrored; the answers are averaged. */
  readonly mirrorAxes?: readonly number[];
  /** Whether the image is also predicted one voxel further along every axis; the answers are averaged. */
  readonly shifted?: boolean;
  /** Of a network that follows clicks: this model sees none. */
  readonly interaction?: InteractionSetup | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
}

const FLOAT = 1;
const INT64 = 7;
/** Batch and channels. */
const BEFORE_SPACE = 2;
/** Names of the axes whose size is known at run time only. */
const SPACE = ['depth', 'height', 'width'];

/**
 * The trained network as one ONNX model that takes the scan as it is.
 *
 * Input `image` `[1, C, depth, height, width]` float32: raw intensities on the plan's spacing and orientation, any size.
 * Outputs: `labels` `[1, 1, depth, height, width]` uint8 label values; `probabilities` `[1, K, depth, height, width]`.
 *
 * A network of fixed size takes images up to `smallestSize` only.
 *
 * @throws FILE_UNSUPPORTED when another network holds constants of one image size
 */
export function imageModel(given: ImageModelOptions): OnnxModel {
  const options = isFixed(given) ? { ...given, divisor: given.smallestSize } : given;
  const { normalization, classValues, smallestSize, metadata = {} } = options;
  const network = isFixed(options) ? fixedNetwork(options) : sizelessNetwork(options);
  const writer = new OnnxWriter();
  const size = writer.node('Slice', [writer.node('Shape', ['image']), writer.ints([2]), writer.ints([5])]);
  const normalized = normalize(writer, normalization);
  const flat = smallestSize[0] === 1;
  writer.share(network);
  const answers = (options.shifted ? [0, 1] : [0]).map((shift) => {
    const { padded, before } = pad(writer, normalized, { ...options, size, shift });
    const entered = flat ? writer.node('Squeeze', [padded, writer.ints([2])]) : padded;
    const answer = mirrored(writer, network, { entered: { image: entered }, axes: options.mirrorAxes ?? [] });
    const volume = flat ? writer.node('Unsqueeze', [answer, writer.ints([2])]) : answer;
    return writer.node('Slice', [volume, before, writer.node('Add', [before, size]), writer.ints([2, 3, 4])]);
  });
  writer.nodeAs('probabilities', 'Mean', answers);
  const winner = writer.node('ArgMax', ['probabilities'], { axis: 1, keepdims: 1 });
  writer.nodeAs('labels', 'Gather', [writer.bytes(classValues), winner]);
  return {
    ...network,
    metadata,
    graph: {
      name: 'image-model',
      nodes: writer.nodes,
      initializers: writer.initializers,
      inputs: [{ name: 'image', dataType: FLOAT, shape: [1, normalization.length, ...SPACE] }],
      outputs: [
        { name: 'labels', dataType: 2, shape: [1, 1, ...SPACE] },
        { name: 'probabilities', dataType: FLOAT, shape: [1, classValues.length, ...SPACE] },
      ],
    },
  };
}

interface Mirroring {
  /** Value of each input of the network. */
  readonly entered: Readonly<Record<string, string>>;
  readonly axes: readonly number[];
}

/** Mean of the network's answers over every combination of mirrored axes, each turned back. */
function mirrored(writer: OnnxWriter, network: OnnxModel, { entered, axes }: Mirroring): string {
  const combinations = axes.reduce<number[][]>((sets, axis) => sets.flatMap((set) => [set, [...set, axis]]), [[]]);
  const answers = combinations.map((set) => {
    const turned = set.map((axis) => axis + BEFORE_SPACE);
    const inputs = Object.entries(entered).map(([name, value]) => [name, reverse(writer, value, turned)]);
    const { probabilities = '' } = writer.append(network, Object.fromEntries(inputs));
    return reverse(writer, probabilities, turned);
  });
  return writer.node('Mean', answers);
}

function reverse(writer: OnnxWriter, value: string, axes: readonly number[]): string {
  if (axes.length === 0) return value;
  const all = (n: number): string => writer.ints(axes.map(() => n));
  return writer.node('Slice', [value, all(-1), all(-(2 ** 31)), writer.ints(axes), all(-1)]);
}

/**
 * The trained network alone as one ONNX model of any size that is a multiple of the plan's divisor: `image` `[1, C, ...S]`, normalized, and
 * for a network that follows clicks `guidance` `[1, 2 K, ...S]`; `probabilities` `[1, K, ...S]`, the mean over the mirrored axes.
 *
 * @throws FILE_UNSUPPORTED when the network holds constants of one image size
 */
export function guidedModel(options: NetworkOptions & Pick<ImageModelOptions, 'mirrorAxes'>): OnnxModel {
  const network = sizelessNetwork(options, { guided: true });
  const flat = options.smallestSize[0] === 1;
  const writer = new OnnxWriter();
  writer.share(network);
  const entered = Object.fromEntries(network.graph.inputs.map(({ name }) => [name, name]));
  writer.nodeAs('probabilities', 'Identity', [mirrored(writer, network, { entered, axes: options.mirrorAxes ?? [] })]);
  const { graph, ...model } = network;
  const sizeless = (values: typeof graph.inputs): typeof graph.inputs =>
    values.map((value) => ({ ...value, shape: [...value.shape.slice(0, 2), ...(flat ? SPACE.slice(1) : SPACE)] }));
  const { nodes, initializers } = writer;
  return {
    ...model,
    graph: { ...graph, nodes, initializers, inputs: sizeless(graph.inputs), outputs: sizeless(graph.outputs) },
  };
}

const isFixed = ({ network }: NetworkOptions): boolean => network.name === 'Method' && network.fixedSize;

function fixedNetwork(options: NetworkOptions): OnnxModel {
  const { program } = buildPredictionGraph(setupOf(options), options.smallestSize);
  return withValues(toOnnx(program.outputs), options.weights);
}

function setupOf({ network, normalization, classValues, interaction }: NetworkOptions) {
  return {
    network,
    channels: normalization.length,
    classes: classValues.length,
    ...(interaction && { interaction }),
  };
}

/** The network's graph with its weights inside, shown to be the same for two image sizes. */
function sizelessNetwork(options: NetworkOptions, chosen: { readonly guided?: boolean } = {}): OnnxModel {
  const { network, smallestSize, divisor, weights } = options;
  const setup = setupOf(options);
  const larger = smallestSize.map((n, axis) => (n === 1 ? 1 : n + (divisor[axis] as number))) as unknown as Size;
  const [model, other] = [smallestSize, larger].map((roi) =>
    toOnnx(buildPredictionGraph(setup, roi, chosen).program.outputs),
  ) as [OnnxModel, OnnxModel];
  if (shapeless(model) !== shapeless(other)) {
    throw new VesaliusError('FILE_UNSUPPORTED', {
      what: `${network.name === 'Method' ? network.method : network.name} as a model of any image size`,
      got: 'constants that hold the size',
      expected: 'a fully convolutional network',
    });
  }
  return withValues(model, weights);
}

function shapeless({ graph }: OnnxModel): string {
  return JSON.stringify([graph.nodes, graph.initializers.map(({ name, dims, rawData }) => [name, dims, [...rawData]])]);
}

function normalize(writer: OnnxWriter, normalization: readonly ChannelNormalization[]): string {
  const channels = normalization.map((rule, channel) => {
    const bounds = [writer.ints([channel]), writer.ints([channel + 1]), writer.ints([1])];
    const one = normalization.length === 1 ? 'image' : writer.node('Slice', ['image', ...bounds]);
    return rule.kind === 'ct' ? normalizeCt(writer, one, rule) : normalizeRobust(writer, one, rule);
  });
  return channels.length === 1 ? (channels[0] as string) : writer.node('Concat', channels, { axis: 1 });
}

function normalizeCt(
  writer: OnnxWriter,
  image: string,
  { clip, mean, standardDeviation }: ChannelNormalization & { kind: 'ct' },
): string {
  const clipped = writer.node('Clip', [image, writer.float(clip[0]), writer.float(clip[1])]);
  return writer.node('Div', [writer.node('Sub', [clipped, writer.float(mean)]), writer.float(standardDeviation)]);
}

type RobustZScore = ChannelNormalization & { kind: 'robust-z-score' };

/** Clip to percentiles, then to mean 0 and deviation 1; of the voxels that are not 0 only, where the plan says so. */
function normalizeRobust(writer: OnnxWriter, image: string, { clipPercentiles, nonZeroOnly }: RobustZScore): string {
  const flat = writer.node('Reshape', [image, writer.ints([-1])]);
  const inside = nonZeroOnly ? writer.node('Not', [writer.node('Equal', [image, writer.float(0)])]) : undefined;
  const counted = inside ? insideOrZero(writer, { flat, inside }) : flat;
  const count = writer.node('Shape', [counted]);
  const sorted = writer.sorted(counted, count);
  const [low, high] = clipPercentiles.map((q) => percentile(writer, { sorted, count, q })) as [string, string];
  const within = (values: string): string => writer.node('Min', [writer.node('Max', [values, low]), high]);
  const values = within(counted);
  const mean = writer.node('ReduceMean', [values], { keepdims: 0 });
  const centred = writer.node('Sub', [values, mean]);
  const variance = writer.node('ReduceMean', [writer.node('Mul', [centred, centred])], { keepdims: 0 });
  const deviation = writer.node('Max', [writer.node('Sqrt', [variance]), writer.float(1e-8)]);
  const scaled = writer.node('Div', [writer.node('Sub', [within(image), mean]), deviation]);
  return inside ? writer.node('Where', [inside, scaled, writer.float(0)]) : scaled;
}

/** The voxels inside; of a channel that is 0 everywhere, as a missing one is, a single 0, so that there is something to take percentiles of. */
function insideOrZero(writer: OnnxWriter, { flat, inside }: { flat: string; inside: string }): string {
  const found = writer.node('Compress', [flat, writer.node('Reshape', [inside, writer.ints([-1])])]);
  const one = writer.ints([1]);
  const lacking = writer.node('Sub', [one, writer.node('Min', [writer.node('Shape', [found]), one])]);
  return writer.node('Concat', [found, writer.node('Slice', [flat, writer.ints([0]), lacking])], { axis: 0 });
}

/** Linear between the two values next to the place. */
function percentile(writer: OnnxWriter, { sorted, count, q }: { sorted: string; count: string; q: number }): string {
  const last = writer.node('Sub', [count, writer.ints([1])]);
  const place = writer.node('Mul', [writer.cast(last, FLOAT), writer.float(q / 100)]);
  const below = writer.node('Floor', [place]);
  const at = writer.cast(below, INT64);
  const next = writer.node('Min', [writer.node('Add', [at, writer.ints([1])]), last]);
  const [lower, upper] = [at, next].map((index) => writer.node('Gather', [sorted, index])) as [string, string];
  const step = writer.node('Mul', [writer.node('Sub', [upper, lower]), writer.node('Sub', [place, below])]);
  return writer.node('Squeeze', [writer.node('Add', [lower, step])]);
}

interface PadOptions extends Pick<ImageModelOptions, 'smallestSize' | 'divisor' | 'shifted'> {
  /** Name of the image's three sizes. */
  readonly size: string;
  /** Zeros before the image beyond half of them. */
  readonly shift: number;
}

/** Zeros on both sides, one more behind than before where the number is odd; room for a shift where there is one. */
function pad(
  writer: OnnxWriter,
  image: string,
  { size, smallestSize, divisor, shifted, shift }: PadOptions,
): { padded: string; before: string } {
  const step = writer.ints(divisor);
  const perAxis = (voxels: number): number[] => smallestSize.map((n) => (n === 1 ? 0 : voxels));
  const room = perAxis(shifted ? 1 : 0);
  const above = writer.node('Add', [size, writer.ints(divisor.map((n, axis) => n - 1 + (room[axis] as number)))]);
  const rounded = writer.node('Mul', [writer.node('Div', [above, step]), step]);
  const missing = writer.node('Sub', [writer.node('Max', [rounded, writer.ints(smallestSize)]), size]);
  const before = writer.node('Add', [writer.node('Div', [missing, writer.ints([2])]), writer.ints(perAxis(shift))]);
  const none = writer.ints([0, 0]);
  const pads = writer.node('Concat', [none, before, none, writer.node('Sub', [missing, before])], { axis: 0 });
  return { padded: writer.node('Pad', [image, pads]), before };
}
