import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingPlan } from '@vesalius/medical';
import { createVolume, type VoxelArray, writeVolume } from '@vesalius/volume';
import { runVesalius } from './vesalius.ts';

export type TinySize = readonly [number, number, number];
export const TINY: TinySize = [12, 12, 12];

/** Writes a scan; the value of a voxel comes from its number, x fastest. */
export async function writeScan(
  path: string,
  voxel: (index: number) => number,
  { size = TINY, timePoints = 1, type = Float32Array as new (length: number) => VoxelArray } = {},
): Promise<void> {
  const voxels = new type(size[0] * size[1] * size[2] * timePoints) as Float32Array;
  for (let i = 0; i < voxels.length; i++) voxels[i] = voxel(i);
  await writeFile(path, await writeVolume(createVolume({ voxels, size, timePoints }), path));
}

/** A bright ball (class 1) in a dim noisy cube, elsewhere in each case. */
export async function writeTinyData(folder: string, cases = 4, ending = 'nii'): Promise<void> {
  for (const name of ['images', 'labels']) await mkdir(join(folder, name), { recursive: true });
  for (let i = 0; i < cases; i++) {
    const inside = ball(4 + (i % 4));
    const noise = (at: number): number => ((at * 2654435761 + i * 40503) >>> 16) % 40;
    await writeScan(join(folder, `images/case${i}.${ending}`), (at) => noise(at) + (inside(at) ? 100 : 0));
    await writeScan(join(folder, `labels/case${i}.${ending}`), (at) => Number(inside(at)), { type: Uint8Array });
  }
}

function ball(centre: number): (index: number) => boolean {
  const [width, height] = TINY;
  return (index) => {
    const at = [index % width, Math.floor(index / width) % height, Math.floor(index / (width * height))];
    return at.reduce((sum, n) => sum + (n - centre) ** 2, 0) < 10;
  };
}

/** Lets the program plan for a data folder, and shrinks the plan so that a step takes milliseconds. */
export async function writeTinyPlan(cwd: string, data: string, { file = 'plan.json', side = 8 } = {}): Promise<void> {
  const { status, stderr } = await runVesalius(['plan', data, '--out', file], { cwd });
  if (status !== 0) throw new Error(stderr);
  const plan = JSON.parse(await readFile(join(cwd, file), 'utf8')) as TrainingPlan;
  await writeFile(join(cwd, file), JSON.stringify(shrunk(plan, side), null, 2));
}

function shrunk(plan: TrainingPlan, side: number): TrainingPlan {
  const why = 'As small as it can be.';
  const shape = [side, side, side];
  const network: TrainingPlan['network']['value'] = {
    name: 'UNet',
    inChannels: 1,
    outChannels: plan.classes.length,
    channels: [4, 8, 8],
    strides: [2, 2].map((n) => [n, n, n]),
    numResUnits: 1,
  };
  return {
    ...plan,
    network: { value: network, why },
    patchShape: { value: shape, why },
    inferer: { value: { ...plan.inferer.value, roiShape: shape }, why },
    schedule: { value: { ...plan.schedule.value, warmUpSteps: 2 }, why },
  };
}
