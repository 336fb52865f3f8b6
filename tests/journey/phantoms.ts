import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSeries, createDicomFile, writeDicom } from '@vesalius/dicom';
import { affineFromSpacing, createVolume } from '@vesalius/volume';

/** A generated CT of a body with spine and one lesion. */
export interface Phantom {
  readonly patient: string;
  readonly study: string;
  readonly series: string;
  /** The lesion, a byte for each voxel, x fastest. */
  readonly lesion: Uint8Array;
  /** Of the lesion, in voxels. */
  readonly middle: readonly [number, number, number];
}

/** The axial slice that the viewer shows first, counted from 0. */
export const OPENS_AT = 10;

const [NX, NY, NZ] = [48, 48, 20];
const SPACING_MM = [2, 2, 4] as const;
/** Of the lesion's middle, in voxels; the first lies where the viewer opens. */
const MIDDLES = [
  [24, 20, 10],
  [19, 22, 9],
  [29, 19, 11],
  [22, 25, 8],
  [26, 17, 12],
  [30, 24, 10],
  [18, 18, 10],
  [25, 23, 9],
] as const;

/** Writes scans of several patients into a folder, a file for each slice. */
export async function writePhantoms(folder: string, count: number): Promise<Phantom[]> {
  const phantoms: Phantom[] = [];
  for (let i = 0; i < count; i++) {
    const [x0, y0, z0] = MIDDLES[i % MIDDLES.length] as (typeof MIDDLES)[number];
    const radiusMm = 12 + (i % 3);
    const lesion = new Uint8Array(NX * NY * NZ);
    const voxels = Int16Array.from(lesion, (_, at) => {
      const [x, y, z] = [at % NX, Math.floor(at / NX) % NY, Math.floor(at / (NX * NY))];
      const noise = noiseAt(at + 7919 * i);
      if (Math.hypot(2 * (x - x0), 2 * (y - y0), 4 * (z - z0)) < radiusMm) {
        lesion[at] = 1;
        return 130 + noise;
      }
      if (Math.hypot(x - 24, y - 36) < 4) return 600 + noise;
      return Math.hypot((x - 24) / 21, (y - 24) / 18) < 1 ? 40 + noise : -1000;
    });
    const patient = `Journey^${String.fromCharCode(65 + i)}`;
    const subject = { PatientName: patient, PatientID: `J-${i + 1}`, StudyDescription: 'CT abdomen' };
    const volume = createVolume({ voxels, size: [NX, NY, NZ], voxelToLps: affineFromSpacing(SPACING_MM) });
    const slices = buildSeries(volume, { modality: 'CT', subject });
    const at = join(folder, `patient-${i + 1}`);
    await mkdir(at, { recursive: true });
    for (const [z, slice] of slices.entries())
      await writeFile(join(at, `${z + 1}.dcm`), await writeDicom(createDicomFile(slice)));
    const uid = (name: 'StudyInstanceUID' | 'SeriesInstanceUID') => slices[0]?.string(name) ?? '';
    phantoms.push({
      patient,
      study: uid('StudyInstanceUID'),
      series: uid('SeriesInstanceUID'),
      lesion,
      middle: [x0, y0, z0],
    });
  }
  return phantoms;
}

/** From -30 to 30, the same for the same number. */
function noiseAt(number: number): number {
  const mixed = Math.imul(number + 1, 2_654_435_761);
  const again = Math.imul(mixed ^ (mixed >>> 15), 2_246_822_519);
  return (((again ^ (again >>> 13)) >>> 0) % 61) - 30;
}
