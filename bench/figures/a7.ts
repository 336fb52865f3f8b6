import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { writeBundleAndPredictions } from '../../tests/conformance/write-bundle.ts';
import { pythonWithPeers } from '../../tools/python-env.ts';
import { ROOT } from '../../tools/root.ts';
import type { Measure } from '../figure-result.ts';

type Reading = { readonly ok: boolean; readonly error?: string } & Readonly<Record<string, unknown>>;

/** A small trained bundle, its run and its predictions, read by the formats' own libraries (tests/conformance/bundle.py). */
export const measure: Measure = async ({ log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-a7-'));
  try {
    await writeBundleAndPredictions(folder);
    const readings = readOutside(folder);
    const figure: Record<string, number> = { readers: 0, failedReaders: 0 };
    for (const [name, { ok, error, ...numbers }] of Object.entries(readings)) {
      log(`${ok ? 'ok    ' : 'FAILED'} ${name}: ${error ?? JSON.stringify(numbers)}`);
      figure.readers = (figure.readers ?? 0) + 1;
      figure.failedReaders = (figure.failedReaders ?? 0) + (ok ? 0 : 1);
      for (const [key, value] of Object.entries(numbers))
        if (typeof value === 'number') figure[`${name}.${key}`] = value;
    }
    return { figure, peer: {} };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function readOutside(folder: string): Record<string, Reading> {
  const script = join(ROOT, 'tests/conformance/bundle.py');
  const { stdout, stderr, status } = spawnSync(pythonWithPeers(), [script, folder], { encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, Reading>;
  throw new VesaliusError('RUNTIME_FAILED', { what: 'tests/conformance/bundle.py', got: stderr.slice(-300) });
}
