import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createVolume, type Triple, type VolumeOptions, type VoxelArray, writeVolume } from '@vesalius/volume';

export interface ScanOptions extends Partial<VolumeOptions<VoxelArray>> {
  /** Default: 1, 2, 3, ... */
  readonly voxel?: (index: number) => number;
}

const SIZE: Triple = [4, 4, 3];

/** Writes a small scan; its folders are made. */
export async function writeScan(folder: string, name: string, options: ScanOptions = {}): Promise<string> {
  const { voxel = (i) => i + 1, size = SIZE, ...rest } = options;
  const voxels = Float32Array.from({ length: size[0] * size[1] * size[2] * (rest.timePoints ?? 1) }, (_, i) =>
    voxel(i),
  );
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await writeVolume(createVolume({ voxels, size, ...rest }), name));
  return path;
}

/** Writes a label map of the same size whose first voxels have the values 0, 1, 2, ... up to `classes`. */
export function writeLabel(folder: string, name: string, classes = 1, options: ScanOptions = {}): Promise<string> {
  return writeScan(folder, name, { voxel: (i) => (i <= classes ? i : 0), ...options });
}
