import { VesaliusError } from '@vesalius/errors';
import { env, type InferenceSession, type Tensor as OrtTensor } from '#onnxruntime';
import {
  assertOffered,
  type Backend,
  backendError,
  defaultBackend,
  inBrowser,
  type RuntimeOptions,
  sessionOptions,
} from './backend.ts';
import { fromOrt, type TensorValue, toOrt } from './tensor-value.ts';

// Every failure is thrown; a printed line would only say it again. The level counts from the first session on.
env.logLevel = 'fatal';

/** A loaded ONNX model: any model, not only ours. */
export interface Session {
  readonly backend: Backend;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** How many runs go on side by side; more than these wait. */
  readonly parallelRuns: number;
  run(feeds: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>>;
  close(): Promise<void>;
}

/**
 * @throws BACKEND_MISSING when this installation's onnxruntime lacks the backend
 * @throws RUNTIME_FAILED when the runtime refuses the model
 */
export async function openOnnx(bytes: Uint8Array, options: RuntimeOptions = {}): Promise<Session> {
  const backend = options.backend ?? defaultBackend();
  const session = await load(bytes, backend, options);
  return {
    backend,
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    parallelRuns: 1,
    run: async (feeds) => fromOrtMap(await runOrt(session, toOrtMap(feeds))),
    close: async () => {
      if (options.profileTo !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

export async function load(bytes: Uint8Array, backend: Backend, options: RuntimeOptions): Promise<InferenceSession> {
  await assertOffered(backend);
  const runtime = await runtimeWith(backend);
  runtime.env.logLevel = 'fatal';
  if (inBrowser && options.threads !== undefined)
    runtime.env.wasm.numThreads = crossOriginIsolated ? options.threads : 1;
  try {
    return await runtime.InferenceSession.create(bytes, sessionOptions(backend, options));
  } catch (cause) {
    throw backendError(backend, cause);
  }
}

/**
 * In a browser WebGPU comes in a build of its own, twice as large and about half as fast on the processor: it is loaded
 * only where it is asked for. In Node both names are one module.
 */
function runtimeWith(backend: Backend): Promise<typeof import('#onnxruntime')> {
  return backend === 'webgpu' ? import('#onnxruntime-webgpu') : import('#onnxruntime');
}

export async function runOrt(
  session: InferenceSession,
  feeds: Record<string, OrtTensor>,
  fetches?: Record<string, OrtTensor | null>,
): Promise<Record<string, OrtTensor>> {
  try {
    return (await (fetches ? session.run(feeds, fetches) : session.run(feeds))) as Record<string, OrtTensor>;
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    const code = /bad_alloc|allocate|out of memory/i.test(words) ? 'OUT_OF_MEMORY' : 'RUNTIME_FAILED';
    throw new VesaliusError(code, { what: 'running a graph', got: words, cause });
  }
}

function toOrtMap(values: Readonly<Record<string, TensorValue>>): Record<string, OrtTensor> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toOrt(value)]));
}

function fromOrtMap(tensors: Record<string, OrtTensor>): Record<string, TensorValue> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, fromOrt(tensor)]));
}
