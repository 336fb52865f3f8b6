import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openOnnx, type WeightMap, writeSafetensors } from '@vesalius/engine';
import { readVolume, reorient, writeVolume } from '@vesalius/volume';
import { writeTinyData, writeTinyPlan } from '../program/tiny-data.ts';
import { type ProgramResult, runVesalius } from '../program/vesalius.ts';

/** How scans of the same heads lie in their files: axes and format. */
const SCANS = {
  'plain.nii': 'LPS',
  'packed.nii.gz': 'RAS',
  'turned.nii.gz': 'PIR',
  'other.nrrd': 'LPS',
} as const;

/**
 * Fills a folder with what the program writes, for tests/conformance/bundle.py: a trained `bundle`, its `bundle.run`, scans in
 * `in` and their label maps in `out`, and the class probabilities of one scan as this runtime gives them.
 */
export async function writeBundleAndPredictions(folder: string): Promise<void> {
  await writeTinyData(join(folder, 'data'), 5);
  // Patches of the scans' own size: the scans are then predicted whole, as anyone does who runs model.onnx.
  await writeTinyPlan(folder, 'data', { side: 12 });
  await trainWithBreak(folder);
  await mkdir(join(folder, 'in'));
  for (const [i, [name, axes]] of Object.entries(SCANS).entries()) {
    const file = join(folder, `data/images/case${i}.nii`);
    const scan = reorient(await readVolume(await readFile(file), file), axes);
    await writeFile(join(folder, 'in', name), await writeVolume(scan, name));
  }
  await succeeding(runVesalius(['predict', 'bundle', 'in', 'out'], { cwd: folder }));
  await writeProbabilities(folder);
}

/** Killed once after steps that no checkpoint holds, so that the run's event files repeat these. */
async function trainWithBreak(folder: string): Promise<void> {
  const line = ['train', 'data', '--plan', 'plan.json', '--steps', '120', '--out', 'bundle'];
  const log = join(folder, 'bundle.run/log.jsonl');
  await runVesalius([...line, '--checkpoint-every', '0.3s'], {
    cwd: folder,
    onStart: (child) => {
      const looking = setInterval(() => {
        const events = existsSync(log) ? [...readFileSync(log, 'utf8').matchAll(/"event":"(\w+)"/g)] : [];
        const saved = events.findIndex(([, event]) => event === 'checkpoint');
        if (saved < 0 || events.at(-1)?.[1] !== 'step') return;
        child.kill('SIGKILL');
      }, 1);
      child.on('exit', () => clearInterval(looking));
    },
  });
  await succeeding(runVesalius(line, { cwd: folder }));
}

async function writeProbabilities(folder: string): Promise<void> {
  const file = join(folder, 'data/images/case0.nii');
  const { voxels, size } = await readVolume(await readFile(file), file);
  const shape = [1, 1, ...size.toReversed()];
  const session = await openOnnx(await readFile(join(folder, 'bundle/model.onnx')), { threads: 1 });
  const image = { shape, dtype: 'float32' as const, data: Float32Array.from(voxels as Float32Array) };
  const { probabilities } = await session.run({ image });
  await session.close();
  const tensors = new Map(Object.entries({ image, probabilities })) as unknown as WeightMap;
  await writeFile(join(folder, 'probabilities.safetensors'), writeSafetensors(tensors, {}));
}

async function succeeding(running: Promise<ProgramResult>): Promise<void> {
  const { status, stderr } = await running;
  if (status !== 0) throw new Error(stderr);
}
