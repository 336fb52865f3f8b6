import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng } from '../../packages/engine/src/binary/encode-png.ts';
import { ONNX_TYPE } from '../../packages/engine/src/onnx/format/onnx-type.ts';
import { writeOnnx } from '../../packages/engine/src/onnx/format/write-onnx.ts';
import { eventFileName } from '../../packages/engine/src/tensorboard/event-file-name.ts';
import { histogramBuckets } from '../../packages/engine/src/tensorboard/histogram-buckets.ts';
import { writeEvent, writeFileHeader } from '../../packages/engine/src/tensorboard/write-event.ts';
import { writeSafetensors } from '../../packages/engine/src/weights/safetensors.ts';
import { WEIGHT_ARRAYS, type WeightDType, type WeightTensor } from '../../packages/engine/src/weights/weight-tensor.ts';

/** Writes one file of every format that this project writes; tests/conformance/formats.py reads them with the formats' own libraries. */
const folder = process.argv[2] ?? '.';
const save = (name: string, bytes: Uint8Array) => writeFile(join(folder, name), bytes);
const float32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

const scaled = { opType: 'LeakyRelu', domain: '', name: '', inputs: ['a'], outputs: ['b'] } as const;
await save(
  'model.onnx',
  writeOnnx({
    irVersion: 10,
    producerName: 'vesalius',
    producerVersion: '1',
    opsets: [
      { domain: '', version: 20 },
      { domain: 'test', version: 1 },
    ],
    metadata: { author: 'nobody' },
    graph: {
      name: 'g',
      nodes: [
        { opType: 'MatMul', domain: '', name: 'product', inputs: ['x', 'w'], outputs: ['p'], attributes: {} },
        {
          opType: 'Constant',
          domain: '',
          name: '',
          inputs: [],
          outputs: ['ends'],
          attributes: { value_ints: { kind: 'ints', value: [2 ** 63] } },
        },
        { opType: 'Slice', domain: '', name: '', inputs: ['p', 'starts', 'ends'], outputs: ['s'], attributes: {} },
        {
          opType: 'Scaled',
          domain: 'test',
          name: '',
          inputs: ['s'],
          outputs: ['y'],
          attributes: { slope: { kind: 'float', value: 0.5 } },
        },
      ],
      initializers: [
        { name: 'w', dims: [2, 2], dataType: ONNX_TYPE.float32, rawData: float32(1, -2, 3, -4) },
        { name: 'starts', dims: [1], dataType: ONNX_TYPE.int64, rawData: new Uint8Array(BigInt64Array.of(-1n).buffer) },
      ],
      inputs: [{ name: 'x', dataType: ONNX_TYPE.float32, shape: ['n', 2] }],
      outputs: [{ name: 'y', dataType: ONNX_TYPE.float32, shape: ['', 2] }],
    },
    functions: [
      {
        name: 'Scaled',
        domain: 'test',
        inputs: ['a'],
        outputs: ['b'],
        attributes: ['slope'],
        attributeDefaults: {},
        nodes: [{ ...scaled, attributes: { alpha: { kind: 'reference', value: 'slope', type: 1 } } }],
        opsets: [{ domain: '', version: 20 }],
      },
    ],
  }),
);

const tensors = Object.entries(WEIGHT_ARRAYS).map(([dtype, array]): [string, WeightTensor] => [
  dtype,
  {
    dtype: dtype as WeightDType,
    shape: [3],
    data: new array(new Uint8Array(3 * array.BYTES_PER_ELEMENT).fill(1).buffer),
  },
]);
await save('weights.safetensors', writeSafetensors(new Map(tensors), { format: 'vesalius' }));

const ramp = { width: 3, height: 2, channels: 3, data: Uint8Array.from({ length: 18 }, (_, i) => i * 13) } as const;
const png = await encodePng(ramp);
await save('picture.png', png);

const origin = { wallTimeSeconds: 1_700_000_000, host: 'localhost', pid: 1 };
const first = eventFileName(origin);
await save(
  first,
  Buffer.concat([
    writeFileHeader(1),
    writeEvent({ wallTimeSeconds: 2, step: 7, summaries: [{ kind: 'scalar', tag: 'loss', value: 0.5 }] }),
    writeEvent({
      wallTimeSeconds: 3,
      step: 8,
      summaries: [
        { kind: 'image', tag: 'slice', pictures: [{ width: 3, height: 2, png }] },
        { kind: 'histogram', tag: 'weights', buckets: histogramBuckets([0, 1, 2, 3, 3]) },
        { kind: 'text', tag: 'note', text: 'zwei Wörter' },
        { kind: 'hparams', values: { rate: 0.001, optimizer: 'adamw', amp: true } },
      ],
    }),
  ]),
);
await save(
  eventFileName(origin, [first]),
  Buffer.concat([
    writeFileHeader(4),
    writeEvent({ wallTimeSeconds: 5, step: 9, summaries: [{ kind: 'scalar', tag: 'loss', value: 0.25 }] }),
  ]),
);
