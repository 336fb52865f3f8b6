import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { pythonWithPeers } from '../../tools/python-env.ts';
import { ROOT } from '../../tools/root.ts';

/** Hands a request to a script of bench/python and reads its answers, through files; the peers take one thread. */
export function askPeers<Answers>(name: string, request: object): Answers {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-peers-'));
  try {
    writeFileSync(join(folder, 'request.json'), JSON.stringify(request));
    const script = join(ROOT, 'bench/python', name);
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    const { status, stderr } = spawnSync(pythonWithPeers(), [script, folder], { encoding: 'utf8', env });
    if (status !== 0) throw new VesaliusError('RUNTIME_FAILED', { what: script, got: stderr.slice(-300) });
    return JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Answers;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
