import { VesaliusError } from '@vesalius/errors';
import type { InferenceSession } from '#onnxruntime';
import type { EmitTarget } from '../ops/op-rule.ts';
import { channelBlock } from './channel-block.ts';

/** Where a graph runs. `tensorrt` only serves: it does not train. */
export const BACKENDS = ['cpu', 'wasm', 'webgpu', 'cuda', 'tensorrt'] as const;
export type Backend = (typeof BACKENDS)[number];

export interface RuntimeOptions {
  /** cpu in Node and wasm in a browser by default. */
  readonly backend?: Backend;
  /**
   * Threads within one operation; the runtime's own choice by default. In a browser the first graph loaded decides for all,
   * and a page that is not cross-origin isolated has one.
   */
  readonly threads?: number;
  /** In Node: how the name of a file begins into which onnxruntime writes the time of each operation; it is whole after `close`. */
  readonly profileTo?: string;
}

export const inBrowser: boolean =
  typeof (globalThis as { process?: { versions?: unknown } }).process?.versions !== 'object';

/** Whether a run writes into the output tensors it is given: onnxruntime-web takes them and leaves them as they were. */
export const fillsGivenOutputs: boolean = !inBrowser;

export function defaultBackend(): Backend {
  return inBrowser ? 'wasm' : 'cpu';
}

/** What may be emitted for a backend beyond plain ONNX. */
export async function targetOf(backend: Backend): Promise<EmitTarget> {
  return {
    microsoftOps: backend === 'cpu' || backend === 'wasm',
    channelBlock: backend === 'cpu' ? await channelBlock() : 0,
  };
}

/** What may be emitted for the runtime these options choose. */
export function defaultTarget({ backend = defaultBackend() }: RuntimeOptions = {}): Promise<EmitTarget> {
  return targetOf(backend);
}

export function sessionOptions(
  backend: Backend,
  { threads, profileTo }: RuntimeOptions,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [backend],
    graphOptimizationLevel: 'all',
    // A pattern fixed in advance holds half as much again as is ever alive at once, and saves no time.
    enableMemPattern: false,
    logSeverityLevel: 4,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profileTo === undefined ? {} : { enableProfiling: true, profileFilePrefix: profileTo }),
  };
}

const GPU_PACKAGE =
  "the provider libraries of onnxruntime's own GPU package (NuGet Microsoft.ML.OnnxRuntime.Gpu) beside those of onnxruntime-node";

/** What this side could have, and what must be there for it. */
const OFFERED: Readonly<Partial<Record<Backend, string>>> = inBrowser
  ? { wasm: 'a browser with WebAssembly', webgpu: 'a browser with WebGPU and a graphics adapter' }
  : { cpu: 'onnxruntime-node', webgpu: 'a graphics adapter and its driver', cuda: GPU_PACKAGE, tensorrt: GPU_PACKAGE };

/** @throws BACKEND_MISSING for what this side never has, and for webgpu in a browser that offers no adapter */
export async function assertOffered(backend: Backend): Promise<void> {
  if (!OFFERED[backend]) throw missingBackend(backend, inBrowser ? 'a browser' : 'Node');
  if (backend === 'webgpu' && inBrowser && !(await hasGraphicsAdapter())) throw missingBackend(backend, 'no adapter');
}

async function hasGraphicsAdapter(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
  return gpu !== undefined && (await gpu.requestAdapter()) !== null;
}

function missingBackend(backend: Backend, got: string, cause?: unknown): VesaliusError {
  const expected = OFFERED[backend] ?? Object.keys(OFFERED).join(', ');
  return new VesaliusError('BACKEND_MISSING', { what: `backend ${backend}`, got, expected, cause });
}

/** The runtime's own words on a failed load, made one of ours. */
export function backendError(backend: Backend, cause: unknown): VesaliusError {
  const words = cause instanceof Error ? cause.message : String(cause);
  if (/backend not found|not supported|no available backend|shared library|WebGPU adapter/i.test(words)) {
    return missingBackend(backend, words.replace(/^.*(?=Failed to)/s, '').trim(), cause);
  }
  if (/bad_alloc|allocate|out of memory/i.test(words)) {
    return new VesaliusError('OUT_OF_MEMORY', { what: 'loading a graph', got: words, cause });
  }
  return new VesaliusError('RUNTIME_FAILED', { what: `loading a graph on ${backend}`, got: words, cause });
}
