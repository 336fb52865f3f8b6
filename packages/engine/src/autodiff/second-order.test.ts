import { expect, test } from 'vitest';
import { goldenNoise, goldenWeight } from '../../../../golden/golden-weights.ts';
import { type GoldenCase, goldenValues, readGolden } from '../../../../golden/read-golden.ts';
import { ops as $, compile, gradients, type Shape, type Tensor } from '../index.ts';

/** Parameters by name. */
type Parameters = (name: string) => Tensor;
type Network = (p: Parameters, x: Tensor) => Tensor;

const perChannel = (values: Tensor, rank: number): Tensor => $.reshape(values, [1, -1, ...Array(rank - 2).fill(1)]);
const affine = (x: Tensor, p: Parameters, name: string): Tensor =>
  $.add($.mul(x, perChannel(p(`${name}.weight`), x.shape.length)), perChannel(p(`${name}.bias`), x.shape.length));
const linear = (x: Tensor, weight: Tensor): Tensor => $.matMul(x, weight, { transposeB: true });

const NETWORKS: Record<string, Network> = {
  convolutional: (p, x) => {
    const first = $.standardize($.convolution(x, p('conv1.weight'), { padding: 1 }), [2, 3]);
    const pooled = $.maxPool($.leakyRelu(affine(first, p, 'norm1'), 0.1), 2);
    const second = $.convolution(pooled, p('conv2.weight'), { stride: 2, padding: 1 });
    const biased = $.add(second, perChannel(p('conv2.bias'), 4));
    const grouped = $.standardize($.reshape(biased, [biased.shape[0] as number, 2, -1]), [2]);
    const active = $.silu(affine($.reshape(grouped, biased.shape), p, 'norm2'));
    return $.logSoftmax(linear($.mean(active, [2, 3], false), p('head.weight')), 1);
  },
  perceptron: (p, x) => {
    const first = $.standardize($.add(linear(x, p('first.weight')), p('first.bias')), [-1]);
    const active = $.gelu($.add($.mul(first, p('norm.weight')), p('norm.bias')));
    return $.softmax($.add(linear(active, p('second.weight')), p('second.bias')), 1);
  },
  volumetric: (p, x) => {
    const down = $.standardize($.convolution(x, p('down.weight'), { stride: 2, padding: 1 }), [0, 2, 3, 4]);
    const up = $.transposedConvolution($.relu(affine(down, p, 'norm')), p('up.weight'), { stride: 2 });
    return $.averagePool($.resize($.softplus(up), [4, 8, 6]), 2);
  },
  attentive: (p, x) => {
    const [query, key, value] = ['query', 'key', 'value'].map((name) => {
      const rows = linear($.reshape(x, [-1, 6]), p(`${name}.weight`));
      return $.transpose($.reshape(rows, [2, 5, 2, 3]), [0, 2, 1, 3]);
    }) as [Tensor, Tensor, Tensor];
    return $.mul($.reshape($.transpose($.tanh($.attention(query, key, value)), [0, 2, 1, 3]), [2, 5, 6]), x);
  },
};

const total = (x: Tensor): Tensor => $.reshape($.sum(x), []);
const noiseTensor = (name: string, shape: Shape): Tensor => $.constant(goldenNoise(name, shape), shape);

function lossOf(network: Network, p: ReadonlyMap<string, Tensor>, x: Tensor): Tensor {
  const y = network((name) => p.get(name) as Tensor, x);
  return total($.add($.mul(y, noiseTensor('output', y.shape)), $.div($.square(y), 2)));
}

type Kind = (network: Network, p: ReadonlyMap<string, Tensor>, x: Tensor) => Tensor[];

/** What golden/make/second_order.py says of each. */
const KINDS: Record<string, Kind> = {
  hessian: (network, p, x) => {
    const first = gradients(lossOf(network, p, x), [...p.values()]);
    const names = [...p.keys()];
    const parts = first.map((g, i) => total($.mul(g, noiseTensor(`direction.${names[i]}`, g.shape))));
    return gradients(
      parts.reduce((a, b) => $.add(a, b)),
      [...p.values()],
    );
  },
  penalty: (network, p, x) => {
    const [gradient] = gradients(lossOf(network, p, x), [x]) as [Tensor];
    const norms = $.sqrt($.sum($.square($.reshape(gradient, [x.shape[0] as number, -1])), [1]));
    return gradients($.reshape($.mean($.square($.sub(norms, 1))), []), [...p.values()]);
  },
  meta: (network, p, x) => {
    let fast = p;
    for (let step = 0; step < 2; step++) {
      const slopes = gradients(lossOf(network, fast, x), [...fast.values()]);
      fast = new Map([...fast].map(([name, value], i) => [name, $.sub(value, $.mul(slopes[i] as Tensor, 0.1))]));
    }
    return gradients(lossOf(network, fast, noiseTensor('query', x.shape)), [...p.values()]);
  },
};

async function evaluate({ options }: GoldenCase): Promise<(name: string) => Float32Array> {
  const shapes = options['shapes'] as Record<string, Shape>;
  const p = new Map(Object.entries(shapes).map(([name, shape]) => [name, $.input(name, shape)]));
  const x = $.input('input', options['inputShape'] as Shape);
  const answers = (KINDS[options['kind'] as string] as Kind)(NETWORKS[options['network'] as string] as Network, p, x);
  const outputs = Object.fromEntries([...p.keys()].map((name, i) => [`d ${name}`, answers[i] as Tensor]));
  const program = await compile({ outputs, states: {} }, { threads: 1 });
  const weights = Object.entries(shapes).map(([name, shape]) => [name, goldenWeight(name, shape)] as const);
  const data = Object.fromEntries([...weights, ['input', goldenNoise('input', x.shape)] as const]);
  const feeds = [...p, ['input', x] as const].map(
    ([name, { shape }]) =>
      [name, { shape, dtype: 'float32' as const, data: data[name] as Float32Array<ArrayBuffer> }] as const,
  );
  const result = await program.run(Object.fromEntries(feeds));
  await program.close();
  return (name) => result[`d ${name}`]?.data as Float32Array;
}

const { cases, parity, tolerance } = readGolden('autodiff/second-order');

test.each(cases)(`equals ${parity}: $name`, async (golden) => {
  const got = await evaluate(golden);
  const largest = Math.max(
    ...Object.values(golden.expected).flatMap((tensor) => [...goldenValues(tensor)].map(Math.abs)),
  );
  for (const [name, tensor] of Object.entries(golden.expected)) {
    const expected = [...goldenValues(tensor)];
    // Relative to the parameter's own largest element, or a hundredth of the network's where that is more.
    const scale = Math.max(largest / 100, ...expected.map(Math.abs));
    const errors = expected.map((value, i) => Math.abs(value - (got(name)[i] as number)) / scale);
    expect(Math.max(...errors), name).toBeLessThan(tolerance);
  }
});
