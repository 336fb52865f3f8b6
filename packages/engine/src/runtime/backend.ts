import { VesaliusError } from '@vesalius/errors';
import type { InferenceSession } from '#onnxruntime';
import type { EmitTarget } from '../ops/op-rule.ts';

/** Where a graph runs. `tensorrt` only serves: it does not train. */
export const BACKENDS = ['cpu', 'wasm', 'webgpu', 'cuda', 'tensorrt'] as const;
export type Backend = (typeof BACKENDS)[number];

export interface RuntimeOptions {
  /** cpu in Node and wasm in a browser by default. */
  readonly backend?: Backend;
  /** Threads within one operation; the runtime's own choice by default. */
  readonly threads?: number;
}

export const inBrowser: boolean = typeof (globalThis as { process?: { versions?: unknown } }).process?.versions !== 'object';

export function defaultBackend(): Backend {
  return inBrowser ? 'wasm' : 'cpu';
}

/** What may be emitted for a backend beyond plain ONNX. */
export function targetOf(backend: Backend): EmitTarget {
  return { microsoftOps: backend === 'cpu' || backend === 'wasm', channelBlock: 0 };
}

export function sessionOptions(backend: Backend, { threads }: RuntimeOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: [backend],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  };
}

/** The runtime's own words on a failed load, made one of ours. */
export function backendError(backend: Backend, cause: unknown): VesaliusError {
  const words = cause instanceof Error ? cause.message : String(cause);
  const missing = /backend not found|not available|not supported|no available backend|provider/i.test(words);
  if (missing) {
    return new VesaliusError('BACKEND_MISSING', { what: `backend ${backend}`, got: words, expected: 'a build of onnxruntime that has it', cause });
  }
  if (/bad_alloc|allocate|out of memory/i.test(words)) {
    return new VesaliusError('OUT_OF_MEMORY', { what: 'loading a graph', got: words, cause });
  }
  return new VesaliusError('RUNTIME_FAILED', { what: `loading a graph on ${backend}`, got: words, cause });
}
