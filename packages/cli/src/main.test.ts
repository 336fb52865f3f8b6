import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './testing/temporary-folder.ts';

const PROGRAM = join(import.meta.dirname, '../bin/vesalius.js');

/** Prints the address of each module as it is loaded. */
const PRINT_LOADED = `data:text/javascript,${encodeURIComponent(
  'import { registerHooks } from "node:module"; registerHooks({ load: (url, context, next) => { process._rawDebug(url); return next(url, context); } });',
)}`;

test.each([['--version'], ['--help'], ['train', '--help']])('loads no engine for %s', (...line) => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', PRINT_LOADED, PROGRAM, ...line], {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(stderr).toContain('/cli/src/commands/train.ts');
  expect(stderr).not.toMatch(/run-train|packages\/(engine|medical|volume)|onnxruntime/);
});

test.skipIf(process.platform === 'win32')(
  'stops at Ctrl-C with 130 and leaves nothing half written',
  { timeout: 60_000 },
  async () => {
    using folder = temporaryFolder();
    const program = spawn(process.execPath, [PROGRAM, 'phantom', 'heads', '--cases', '1000'], { cwd: folder.path });
    let text = '';
    program.stderr.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      // The first line of progress tells that it is at work.
      if (/%/.test(text) && !program.killed) program.kill('SIGINT');
    });
    const [status] = await once(program, 'exit');
    expect(text.trimEnd().split('\n').at(-1)).toBe('INTERRUPTED: stopped at your request');
    expect(status).toBe(130);
    expect(readdirSync(folder.path)).toEqual([]);
  },
);
