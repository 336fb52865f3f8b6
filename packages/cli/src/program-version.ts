import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** As `package.json` has it. */
export function programVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What a manifest records of the programs that made it. */
export function programVersions(): Readonly<Record<string, string>> {
  const runtime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return { vesalius: programVersion(), onnxruntime: runtime.version, node: process.versions.node };
}
