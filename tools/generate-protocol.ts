// `node tools/generate-protocol.ts`: TypeScript of the federation's protobuf schema. Its generator is fetched only by who changes the schema.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './root.ts';

const TOOLS = ['@bufbuild/buf@1.75.0', '@bufbuild/protoc-gen-es@2.17.0'];
const out = 'packages/federated/src/protocol/generated';
const plugin = { local: 'protoc-gen-es', out, opt: ['target=js+dts', 'import_extension=js'] };
const template = JSON.stringify({ version: 'v2', plugins: [plugin] });
const line = ['exec', '--yes', ...TOOLS.map((tool) => `--package=${tool}`), '--', 'buf'];
const { status } = spawnSync('npm', [...line, 'generate', 'packages/federated/proto', '--template', template], {
  cwd: join(ROOT),
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
