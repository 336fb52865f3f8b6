import {
  ops as $,
  compile,
  createNetworkBuilder,
  type OnnxTensor,
  Random,
  type Scope,
  type Tensor,
  type WeightMap,
  type WeightTensor,
  writeOnnx,
} from '@vesalius/engine';
import { expect, test } from 'vitest';
import { visionTransformer } from '../networks/vision-transformer.ts';
import { fitTransformer, greyStatistics, IMAGENET_COLOURS } from './fit-transformer.ts';
import { recognizeNetwork } from './pretrained-network.ts';
import { readOnnxWeights } from './read-onnx-weights.ts';

const OPTIONS = { patchSize: 4, hiddenSize: 64, mlpDim: 96, depth: 2, numHeads: 1, layerScale: true };

/** A network under timm's names. */
const timm: WeightMap = (() => {
  const { scope, variables } = createNetworkBuilder();
  visionTransformer(scope, $.input('x', [1, 3, 12, 12]), OPTIONS);
  const random = new Random(5);
  return new Map(
    variables().map(({ name, tensor: { shape } }): [string, WeightTensor] => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      random.fillNormal(data, 0, 0.2);
      return [name, { dtype: 'float32', shape, data }];
    }),
  );
})();

const rows = ({ data, shape }: WeightTensor, part: number): WeightTensor => {
  const third = data.length / 3;
  const values = (data as Float32Array<ArrayBuffer>).slice(part * third, (part + 1) * third);
  return { dtype: 'float32', shape: shape.with(0, (shape[0] as number) / 3), data: values };
};

const huggingFace = (prefix: string): WeightMap =>
  new Map(
    [...timm].flatMap(([name, tensor]): [string, WeightTensor][] => {
      const long = name
        .replace('cls_token', 'embeddings.cls_token')
        .replace('pos_embed', 'embeddings.position_embeddings')
        .replace('patch_embed.proj', 'embeddings.patch_embeddings.projection')
        .replace('blocks.', 'encoder.layer.')
        .replace('attn.proj', 'attention.output.dense')
        .replace(/ls([12])\.gamma/, 'layer_scale$1.lambda1')
        .replace(/^norm/, 'layernorm');
      if (!long.includes('attn.qkv')) return [[prefix + long, tensor]];
      return ['query', 'key', 'value'].map((part, i) => [
        prefix + long.replace('attn.qkv', `attention.attention.${part}`),
        rows(tensor, i),
      ]);
    }),
  );

const torchvision: WeightMap = new Map(
  [...timm]
    .filter(([name]) => !name.includes('gamma'))
    .map(([name, tensor]) => [
      name
        .replace('cls_token', 'class_token')
        .replace('pos_embed', 'encoder.pos_embedding')
        .replace('patch_embed.proj', 'conv_proj')
        .replace('blocks.', 'encoder.layers.encoder_layer_')
        .replace('attn.qkv.', 'self_attention.in_proj_')
        .replace('attn.proj', 'self_attention.out_proj')
        .replace('mlp.fc1', 'mlp.0')
        .replace('mlp.fc2', 'mlp.3')
        .replace(/norm([12])/, 'ln_$1')
        .replace(/^norm/, 'encoder.ln'),
      tensor,
    ]),
);

const byName = (weights: WeightMap) =>
  Object.fromEntries([...weights].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, { data }]) => [name, data]));

test.each([
  ['timm', timm],
  ['Hugging Face', huggingFace('vit.')],
  ['a backbone of Hugging Face', huggingFace('backbone.')],
])('a vision transformer is the same under the names of %s', (_, weights) => {
  const network = recognizeNetwork(
    new Map([...weights, ['decoder.bn1.weight', timm.get('norm.bias') as WeightTensor]]),
  );
  expect(network).toMatchObject({ kind: 'vision-transformer', options: OPTIONS, leftOut: ['decoder.bn1.weight'] });
  expect(byName(network.weights)).toEqual(byName(timm));
});

test("torchvision's names give the same network without layer scale", () => {
  const network = recognizeNetwork(torchvision);
  expect(network).toMatchObject({ options: { ...OPTIONS, layerScale: false }, leftOut: [] });
  expect(byName(network.weights)).toEqual(byName(new Map([...timm].filter(([name]) => !name.includes('gamma')))));
});

test('matrices that an ONNX exporter turned round and numbered find their layers again', () => {
  const numbered = [...huggingFace('backbone.')].map(([name, tensor], i) => {
    const [first = 0, second = 0] = tensor.shape;
    const turns = tensor.shape.length === 2;
    const data = turns
      ? Float32Array.from(tensor.data as Float32Array, (_, at) => {
          const [row, column] = [Math.floor(at / first), at % first];
          return (tensor.data as Float32Array)[column * second + row] as number;
        })
      : (tensor.data as Float32Array);
    return {
      layer: name,
      name: turns ? `onnx::MatMul_${i}` : name,
      dims: turns ? [second, first] : tensor.shape,
      data,
    };
  });
  const initializers = numbered.map(
    ({ name, dims, data }): OnnxTensor => ({
      name,
      dims,
      dataType: 1,
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    }),
  );
  const nodes = numbered.map(({ layer, name }, i) => ({
    opType: name === layer ? 'Identity' : 'MatMul',
    domain: '',
    name: `/${layer
      .replace(/\.weight$/, '')
      .replaceAll('.', '/')
      .replace('layer/', 'layer.')}/MatMul`,
    inputs: name === layer ? [name] : ['x', name],
    outputs: [`y${i}`],
    attributes: {},
  }));
  const onnx = writeOnnx({
    irVersion: 8,
    producerName: '',
    producerVersion: '',
    opsets: [{ domain: '', version: 14 }],
    metadata: {},
    graph: { name: 'g', nodes, initializers, inputs: [{ name: 'x', dataType: 1, shape: [1] }], outputs: [] },
  });
  expect(byName(recognizeNetwork(readOnnxWeights(onnx)).weights)).toEqual(byName(timm));
});

test('other networks and unfinished ones are refused', () => {
  expect(() => recognizeNetwork(new Map([['conv1.weight', timm.get('norm.bias') as WeightTensor]]))).toThrow(
    /FILE_UNSUPPORTED/,
  );
  expect(() => recognizeNetwork(new Map([...timm].filter(([name]) => name !== 'blocks.1.norm2.bias')))).toThrow(
    /DATA_MISMATCH.*blocks\.1\.norm2\.bias/,
  );
});

async function tokensOf(weights: ReadonlyMap<string, Float32Array>, shape: readonly number[], data: Float32Array) {
  const { scope, variables } = createNetworkBuilder();
  const y = (visionTransformer as (s: Scope, x: Tensor, o: typeof OPTIONS) => Tensor)(
    scope,
    $.input('x', shape),
    OPTIONS,
  );
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  const program = await compile({ outputs: { y }, states }, { threads: 1 });
  for (const { name, tensor } of variables())
    program.writeState(name, {
      shape: tensor.shape,
      dtype: 'float32',
      data: Float32Array.from(weights.get(name) ?? []),
    });
  const answer = (await program.run({ x: { shape, dtype: 'float32', data: data as Float32Array<ArrayBuffer> } }))['y'];
  await program.close();
  return Float32Array.from(answer?.data as Float32Array);
}

test('a grey image gives the tokens that it gives as three equal colours, at another size too', async () => {
  const [height, width] = [8, 20];
  const random = new Random(9);
  const grey = Float32Array.from({ length: height * width }, () => random.uniform());
  const { mean, deviation } = greyStatistics(IMAGENET_COLOURS);
  const grid = [height / 4, width / 4] as const;
  const one = await tokensOf(
    fitTransformer(timm, { grid, channels: 1 }),
    [1, 1, height, width],
    grey.map((value) => (value - mean) / deviation),
  );
  const colours = IMAGENET_COLOURS.mean.flatMap((m, c) => [
    ...grey.map((value) => (value - m) / (IMAGENET_COLOURS.deviation[c] as number)),
  ]);
  const three = await tokensOf(
    fitTransformer(timm, { grid, channels: 3 }),
    [1, 3, height, width],
    Float32Array.from(colours),
  );
  for (const [i, value] of one.entries()) expect(value).toBeCloseTo(three[i] ?? Number.NaN, 4);
});

test('positions of the same grid stay as they are', () => {
  const { data } = timm.get('pos_embed') as WeightTensor;
  expect(fitTransformer(timm, { grid: [3, 3], channels: 3 }).get('pos_embed')).toEqual(data);
  const two = new Map([['pos_embed', { dtype: 'float32', shape: [1, 12, 1], data: new Float32Array(12) } as const]]);
  expect(() => fitTransformer(two, { grid: [2, 2], channels: 3 })).toThrow(/DATA_MISMATCH/);
});
