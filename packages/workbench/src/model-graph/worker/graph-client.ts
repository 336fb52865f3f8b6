import type { GraphSession } from './graph-session.ts';

/** Asks the session on its own thread. */
export interface GraphClient {
  ask<M extends keyof GraphSession>(
    method: M,
    ...args: Parameters<GraphSession[M]>
  ): Promise<ReturnType<GraphSession[M]>>;
  close(): void;
}

export interface GraphCall {
  readonly id: number;
  readonly method: keyof GraphSession;
  readonly args: readonly unknown[];
}

export interface GraphReply {
  readonly id: number;
  readonly value?: unknown;
  /** What went wrong, in words. */
  readonly error?: string;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Starts a thread with a session of its own; `close` ends it. */
export function openGraphClient(): GraphClient {
  const worker = new Worker(new URL('./graph-worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, Waiting>();
  let next = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<GraphReply>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error === undefined) asked?.resolve(data.value);
    else asked?.reject(new Error(data.error));
  });
  worker.addEventListener('error', ({ message }) => {
    for (const asked of waiting.values()) asked.reject(new Error(message));
    waiting.clear();
  });
  return {
    ask: (method, ...args) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        worker.postMessage({ id, method, args } satisfies GraphCall);
      }),
    close: () => worker.terminate(),
  };
}
