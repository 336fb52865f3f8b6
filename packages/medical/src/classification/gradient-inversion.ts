import {
  ops as $,
  adam,
  compile,
  createNetworkBuilder,
  elementCount,
  gradients,
  Random,
  type RuntimeOptions,
  scalarValue,
  type Tensor,
  trainingProgram,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { crossEntropy } from '../losses/cross-entropy.ts';
import type { ClassifierSetup } from './classifier-trainer.ts';

export interface StolenUpdate {
  /** What the site began with. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** By parameter, up to a common factor: a change of the weights by one step tells as much. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** Of the image; a gradient gives it away, so an attacker may try each. */
  readonly label: number;
}

export interface InversionOptions extends RuntimeOptions {
  readonly steps?: number;
  readonly learningRate?: number;
  /** Weight of the image's total variation: what is smooth is more likely an image. */
  readonly smoothness?: number;
  /** Of the image that it starts from. */
  readonly seed?: number;
}

/**
 * The image that most likely gave an update of one step on one image: it is changed until its gradients point where the update's do. A tool to try
 * on one's own updates before they leave.
 *
 * @returns the image, C * S values, and how far its gradients are from the update's (0 alike, 1 unrelated)
 * @throws DATA_MISMATCH when weights or gradients belong to another network
 * @source Geiping et al. 2020, Inverting gradients: how easy is it to break privacy in federated learning?
 */
export async function invertGradients(
  { network, imageShape }: Pick<ClassifierSetup, 'network' | 'imageShape'>,
  stolen: StolenUpdate,
  { steps = 800, learningRate = 0.1, smoothness = 0.01, seed = 0, ...runtime }: InversionOptions = {},
): Promise<{ readonly image: Float32Array; readonly distance: number }> {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const image = $.input('image', [1, ...imageShape]);
  const loss = $.reshape(crossEntropy(network(scope, image), $.input('label', [1, 1])), []);
  const parameters = variables();
  const own = gradients(
    loss,
    parameters.map(({ tensor }) => tensor),
  );
  const targets = parameters.map(({ name, tensor }) => $.input(`stolen.${name}`, tensor.shape));
  const distance = $.sub(1, cosine(own, targets));
  const guess = { name: 'image', tensor: image, initializer: () => new Float32Array(), trainable: true };
  const program = trainingProgram({
    loss: $.add(distance, $.mul(totalVariation(image), smoothness)),
    variables: [guess],
    optimizer: adam(),
    outputs: { distance },
  });
  const executable = await compile(program, runtime);
  try {
    const start = new Random(seed).fillNormal(new Float32Array(elementCount(image.shape)));
    executable.writeState('image', { shape: image.shape, dtype: 'float32', data: start });
    const feeds = Object.fromEntries([
      ...feedsOf(parameters, stolen.weights, ''),
      ...feedsOf(parameters, stolen.gradients, 'stolen.'),
      ['label', { shape: [1, 1], dtype: 'float32', data: Float32Array.of(stolen.label) }],
    ]);
    let left = Number.NaN;
    for (let step = 1; step <= steps; step++) {
      // Smaller steps at the end, where Adam would jump about the solution.
      const rate = learningRate * (step > 0.8 * steps ? 0.1 : 1);
      const outputs = await executable.run({ ...feeds, learning_rate: scalarValue(rate), step: scalarValue(step) });
      left = Number(outputs['distance']?.data[0]);
    }
    return { image: (executable.readState('image').data as Float32Array).slice(), distance: left };
  } finally {
    await executable.close();
  }
}

function* feedsOf(
  parameters: readonly { readonly name: string; readonly tensor: Tensor }[],
  values: ReadonlyMap<string, Float32Array>,
  prefix: string,
) {
  for (const { name, tensor } of parameters) {
    const data = values.get(name);
    if (data?.length !== elementCount(tensor.shape))
      throw new VesaliusError('DATA_MISMATCH', {
        what: `${prefix}${name}`,
        got: data?.length,
        expected: elementCount(tensor.shape),
      });
    yield [`${prefix}${name}`, { shape: tensor.shape, dtype: 'float32', data }] as const;
  }
}

/** Of all parameters as one long vector. */
function cosine(a: readonly Tensor[], b: readonly Tensor[]): Tensor {
  const product = (x: readonly Tensor[], y: readonly Tensor[]): Tensor =>
    x.map((one, i) => $.reshape($.sum($.mul(one, y[i] as Tensor)), [])).reduce((sum, part) => $.add(sum, part));
  return $.div(product(a, b), $.sqrt($.add($.mul(product(a, a), product(b, b)), 1e-20)));
}

/** Mean square difference of neighbours, along every axis of space. */
function totalVariation(image: Tensor): Tensor {
  const parts = image.shape.slice(2).map((size, i) => {
    const axis = i + 2;
    const [first, last] = [0, 1].map((from) => $.sliceAxis(image, axis, from, size - 1 + from));
    return $.mean($.square($.sub(last as Tensor, first as Tensor)));
  });
  return $.reshape(
    parts.reduce((sum, part) => $.add(sum, part)),
    [],
  );
}
