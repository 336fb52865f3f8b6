import { InferenceSession, Tensor as OrtTensor } from '#onnxruntime';
import { writeOnnx } from '../onnx/format/write-onnx.ts';
import { BLOCKED_DOMAIN } from '../ops/lowering/blocked-layout.ts';

let known: Promise<number> | undefined;

/** Channels in a block of the CPU provider's blocked layout on this processor; 0 where it has none. Found once a process. */
export function channelBlock(): Promise<number> {
  known ??= find();
  return known;
}

/** Channel 0 has two elements; between them in memory lies the rest of its block. */
async function find(): Promise<number> {
  const shape = [1, 64, 1, 2];
  try {
    const session = await InferenceSession.create(reorderModel(shape), {
      executionProviders: ['cpu'],
      logSeverityLevel: 4,
    });
    const counting = Float32Array.from({ length: 128 }, (_, i) => i);
    const { y } = await session.run({ x: new OrtTensor('float32', counting, shape) });
    await session.release();
    return y?.data instanceof Float32Array ? y.data.indexOf(1) : 0;
  } catch {
    return 0;
  }
}

function reorderModel(shape: readonly number[]): Uint8Array {
  const value = (name: string) => ({ name, dataType: 1, shape });
  return writeOnnx({
    irVersion: 9,
    producerName: 'vesalius',
    producerVersion: '',
    opsets: [
      { domain: '', version: 20 },
      { domain: BLOCKED_DOMAIN, version: 1 },
    ],
    metadata: {},
    graph: {
      name: 'reorder',
      nodes: [
        {
          opType: 'ReorderInput',
          domain: BLOCKED_DOMAIN,
          name: 'reorder',
          inputs: ['x'],
          outputs: ['y'],
          attributes: {},
        },
      ],
      initializers: [],
      inputs: [value('x')],
      outputs: [value('y')],
    },
  });
}
