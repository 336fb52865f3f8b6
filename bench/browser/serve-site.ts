import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type InlineConfig, preview } from 'vite';

export interface Site {
  /** Ends with a slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** Without them a page is not cross-origin isolated, and WebAssembly has one thread. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Bundles the pages of a folder as for a release and serves them on this machine alone.
 *
 * @param port - a free one by default
 */
export async function serveSite(folder: string, { port = 0 } = {}): Promise<Site> {
  const outDir = mkdtempSync(join(tmpdir(), 'vesalius-site-'));
  const pages = readdirSync(folder).filter((name) => name.endsWith('.html'));
  const shared = { root: folder, configFile: false, logLevel: 'error' } as const satisfies InlineConfig;
  await build({
    ...shared,
    build: {
      outDir,
      emptyOutDir: true,
      target: 'esnext',
      chunkSizeWarningLimit: Infinity,
      rolldownOptions: {
        checks: { pluginTimings: false },
        input: pages.map((page) => join(folder, page)),
        output: RUNTIME_APART,
      },
    },
    worker: { format: 'es', rolldownOptions: { output: RUNTIME_APART } },
  });
  const server = await preview({
    ...shared,
    build: { outDir },
    preview: { host: '127.0.0.1', port, strictPort: port !== 0, headers: ISOLATION },
  });
  const url = server.resolvedUrls?.local[0] ?? '';
  return {
    url,
    close: async () => {
      await server.close();
      if (existsSync(outDir)) rmSync(outDir, { recursive: true });
    },
  };
}

/** Threads of the runtime load the file it stands in once more: nothing else may stand there. */
const RUNTIME_APART = {
  codeSplitting: {
    groups: ['ort.wasm', 'ort.webgpu'].map((name) => ({ name, test: new RegExp(`onnxruntime-web/dist/${name}`) })),
  },
};
