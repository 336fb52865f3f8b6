import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { dicomFiles } from '../../golden/dicom-files.ts';
import { dicomPython } from '../../tools/dicom-python.ts';
import { ROOT } from '../../tools/root.ts';

/** A file and what pydicom reads in it. */
export interface PydicomAnswer {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** One line an element: path and tag, VR, hash of the stored bytes; ` ?` where pydicom refuses it. */
  readonly elements: readonly string[];
  readonly values: readonly string[];
  /** The stored samples as NumPy names their type; missing where there are none or pydicom does not decode them. */
  readonly pixels?: { readonly type: string; readonly lossy: boolean; readonly bytes: Uint8Array };
  /** The error of pydicom's decoder. */
  readonly notDecoded?: string;
}

/** Has pydicom read every file of the data and of its own package; the answers are read one by one. */
export function* pydicomAnswers(folder: string): Generator<PydicomAnswer> {
  const script = join(ROOT, 'bench/python/pydicom_answers.py');
  const { status, stderr } = spawnSync(dicomPython(), [script, folder], { encoding: 'utf8' });
  if (status !== 0) throw new VesaliusError('RUNTIME_FAILED', { what: script, got: stderr.slice(-300) });
  const files = dicomFiles();
  const { names } = readJson(join(folder, 'index.json')) as { names: Record<string, number> };
  for (const [name, number] of Object.entries(names)) {
    const base = join(folder, String(number));
    const { type, lossy, ...answer } = readJson(`${base}.json`) as Omit<PydicomAnswer, 'pixels'> & {
      type?: string;
      lossy?: boolean;
    };
    const bytes = files.get(name) ?? readFileSync(`${base}.dcm`);
    const pixels = existsSync(`${base}.pixels`) ? { bytes: new Uint8Array(readFileSync(`${base}.pixels`)) } : undefined;
    yield { ...answer, name, bytes, ...(pixels && type ? { pixels: { ...pixels, type, lossy: lossy === true } } : {}) };
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
