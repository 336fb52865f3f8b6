import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GoldenCase, goldenValues, readGolden } from '../../../../golden/read-golden.ts';
import { damagedCopies } from '../binary/damaged-copies.ts';
import { bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from '../binary/half-precision.ts';
import { readNpy } from './npy.ts';
import { readWeights } from './read-weights.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { WEIGHT_ARRAYS, type WeightDType, type WeightMap, type WeightTensor } from './weight-tensor.ts';

const CASES = ['safetensors', 'numpy', 'pytorch'].flatMap((name) =>
  readGolden(`formats/${name}`).cases.map((item) => ({ ...item, name: `${name}: ${item.name}` })),
);

function fileOf(item: GoldenCase | undefined): Uint8Array {
  return goldenValues(item?.inputs['file'] as never) as Uint8Array;
}

function bytesOf({ data }: WeightTensor): number[] {
  return Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function expectSame(tensors: WeightMap, { expected, options }: GoldenCase): void {
  expect([...tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
  const types = options['types'] as Record<string, string>;
  const shapes = options['shapes'] as Record<string, number[]>;
  for (const [name, tensor] of tensors) {
    expect([name, tensor.dtype, tensor.shape]).toEqual([name, types[name], shapes[name]]);
    expect(tensor.data).toBeInstanceOf(WEIGHT_ARRAYS[tensor.dtype]);
    expect(bytesOf(tensor), name).toEqual(Array.from(goldenValues(expected[name] as never)));
  }
}

test.each(CASES.filter(({ options }) => !options['refused']))('reads $name', async (item) => {
  expectSame(await readWeights(fileOf(item), 'folder/array.npy'), item);
  // A Buffer of Node, in a pool and at an odd place.
  const buffer = Buffer.concat([Buffer.of(0), fileOf(item)]).subarray(1);
  expectSame(await readWeights(buffer, 'folder/array.npy'), item);
});

test('reads the initializers of an ONNX model', async () => {
  const [item] = readGolden('formats/onnx').cases as [GoldenCase];
  expectSame(await readWeights(fileOf(item), 'model.onnx'), item);
});

test.each(CASES.filter(({ options }) => options['refused']))('refuses $name, naming the reason', async (item) => {
  const { refused, names = '' } = item.options as { refused: string; names?: string };
  const error = { code: refused, message: expect.stringContaining(names) };
  await expect(readWeights(fileOf(item), 'a-file')).rejects.toMatchObject(error);
});

test('refuses a file of an unknown kind', async () => {
  await expect(readWeights(new TextEncoder().encode('\x89HDF\r\n'), 'w.h5')).rejects.toMatchObject({
    code: 'FILE_FORMAT',
  });
});

test.each(CASES.filter(({ options }) => !options['refused']))(
  'answers damaged copies of $name with coded errors only',
  async (item) => {
    for (const copy of damagedCopies(fileOf(item), 400)) {
      const outcome = await readWeights(copy, 'w').catch((error: unknown) => error);
      if (!(outcome instanceof Map)) expect(outcome).toBeInstanceOf(VesaliusError);
    }
  },
);

const tensor = fc
  .tuple(
    fc.constantFrom(...(Object.keys(WEIGHT_ARRAYS) as WeightDType[])),
    fc.array(fc.nat(3), { maxLength: 3 }),
    fc.nat(255),
  )
  .map(([dtype, shape, fill]): WeightTensor => {
    const array = WEIGHT_ARRAYS[dtype];
    const count = shape.reduce((product, size) => product * size, 1);
    return { dtype, shape, data: new array(new Uint8Array(count * array.BYTES_PER_ELEMENT).fill(fill).buffer) };
  });
const tensors = fc.uniqueArray(
  fc.tuple(
    fc.string().filter((name) => name !== '__metadata__'),
    tensor,
  ),
  {
    selector: ([name]) => name,
  },
);

test('reads back the safetensors it wrote, whatever the order they came in', () => {
  fc.assert(
    fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (entries, metadata) => {
      const bytes = writeSafetensors(new Map(entries), metadata);
      expect(writeSafetensors(new Map(entries.toReversed()), metadata)).toEqual(bytes);
      const read = readSafetensors(bytes);
      expect(read.metadata).toEqual({ ...metadata });
      expect(new Map(read.tensors)).toEqual(new Map(entries));
      for (const { data } of read.tensors.values()) expect(data.buffer).toBe(bytes.buffer);
    }),
  );
});

test.each([
  ['a gap', '{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}'],
  [
    'an overlap',
    '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
  ],
  ['bytes behind the last tensor', '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'],
  ['a shape that does not fit', '{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}}'],
  ['no JSON', '{"a"'],
])('refuses safetensors with %s', (_, header) => {
  const bytes = new Uint8Array(8 + header.length + 2);
  bytes.set(new TextEncoder().encode(header), 8);
  bytes[0] = header.length;
  expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ code: 'FILE_FORMAT' }));
});

test('refuses an array file that ends early', () => {
  const item = readGolden('formats/numpy').cases.find(({ name }) => name === 'npy version 1');
  expect(() => readNpy(fileOf(item).subarray(0, -1))).toThrow(expect.objectContaining({ code: 'FILE_TRUNCATED' }));
});

test('rounds to float16 as NumPy does', () => {
  const [item] = readGolden('formats/half-precision').cases as [GoldenCase];
  const expected = goldenValues(item.expected['halves'] as never) as Uint8Array;
  const halves = float32ToFloat16(goldenValues(item.inputs['values'] as never) as Float32Array);
  expect(halves).toEqual(new Uint16Array(expected.buffer));
});

test('takes every float16 to float32 and back', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter(
    (bits) => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0,
  );
  expect(float32ToFloat16(float16ToFloat32(all))).toEqual(all);
  expect(float16ToFloat32(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff))).toEqual(
    Float32Array.of(1, -2, 2 ** -24, 65504),
  );
  expect(float16ToFloat32(Uint16Array.of(0x7e00))[0]).toBeNaN();
  expect(float32ToFloat16(Float32Array.of(Number.NaN))[0]).toBe(0x7e00);
});

test('reads bfloat16', () => {
  expect(bfloat16ToFloat32(Uint16Array.of(0x3f80, 0xc020, 0x7f80))).toEqual(
    Float32Array.of(1, -2.5, Number.POSITIVE_INFINITY),
  );
});

test.skipIf(!process.env['VESALIUS_DATA'])('reads MobileNetV2 trained on ImageNet (needs VESALIUS_DATA)', async () => {
  const file = join(process.env['VESALIUS_DATA'] as string, 'weights/mobilenet_v2_imagenet_fp32.npz');
  const weights = await readWeights(new Uint8Array(await readFile(file)), file);
  expect(weights.get('features.0.0.weight')).toMatchObject({ dtype: 'float32', shape: [32, 3, 3, 3] });
  expect(weights.get('classifier.1.weight')?.shape).toEqual([1000, 1280]);
  const parameters = [...weights.values()]
    .filter(({ dtype }) => dtype === 'float32')
    .reduce((n, { data }) => n + data.length, 0);
  expect(parameters).toBeGreaterThan(3_400_000);
});
