import { Random } from '@vesalius/engine';
import { affineFromSpacing, createVolume, type Triple, type Volume } from '@vesalius/volume';
import { radiusIn } from './ellipsoid.ts';
import { type PhantomAnatomy, sampleAnatomy } from './phantom-anatomy.ts';

export interface PhantomOptions {
  /** Default: 40 x 48 x 40. */
  readonly size?: Triple;
  /** Default: 3 x 3 x 3. */
  readonly spacingMm?: Triple;
}

export interface Phantom {
  readonly image: Volume<Int16Array>;
  /** `PHANTOM_LABELS` on the same grid. */
  readonly label: Volume<Uint8Array>;
}

/** Samples along each axis of a voxel: what lies on a border is a mixture. */
const SUPERSAMPLING = 3;

/**
 * A made-up head scan with its true labels, for trying things out where no real data are at hand: an ellipsoid skull, brain,
 * ventricles and a lesion of random pose, shape and contrast, as a coil of uneven sensitivity would see them in noise.
 *
 * The same seed gives the same scan.
 *
 * @source Shepp and Logan 1974 (ellipsoid head); Gudbjartsson and Patz 1995 (Rician noise)
 */
export function generatePhantom(
  seed: number | string,
  { size = [40, 48, 40], spacingMm = [3, 3, 3] }: PhantomOptions = {},
): Phantom {
  const random = new Random(seed).fork('phantom');
  const anatomy = sampleAnatomy(random.fork('anatomy'));
  const originMm = size.map((n, axis) => (-(n - 1) / 2) * (spacingMm[axis] as number)) as unknown as Triple;
  const grid = { size, voxelToLps: affineFromSpacing(spacingMm, originMm) };
  const { signal, label } = paint(anatomy, { size, spacingMm, originMm });
  const image = acquire(signal, size, random.fork('scanner'));
  return { image: createVolume({ voxels: image, ...grid }), label: createVolume({ voxels: label, ...grid }) };
}

interface PaintGrid {
  readonly size: Triple;
  readonly spacingMm: Triple;
  readonly originMm: Triple;
}

/** Mean brightness of the samples of each voxel, and the class most of them have. */
function paint(anatomy: PhantomAnatomy, { size: [nx, ny, nz], spacingMm, originMm }: PaintGrid) {
  const signal = new Float32Array(nx * ny * nz);
  const label = new Uint8Array(signal.length);
  const [sx, sy, sz] = spacingMm;
  // Beyond this no corner of a voxel reaches the head.
  const air = 1 + Math.hypot(sx, sy, sz) / 2 / Math.min(...anatomy.head.semiAxes);
  for (let z = 0, voxel = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, voxel++) {
        const mm = [originMm[0] + x * sx, originMm[1] + y * sy, originMm[2] + z * sz] as const;
        if (radiusIn(anatomy.head, ...mm) > air) continue;
        const { brightness, found } = paintVoxel(anatomy, mm, spacingMm);
        signal[voxel] = brightness;
        label[voxel] = found;
      }
    }
  }
  return { signal, label };
}

const OFFSETS = Array.from({ length: SUPERSAMPLING }, (_, i) => (i + 0.5) / SUPERSAMPLING - 0.5);

function paintVoxel(
  anatomy: PhantomAnatomy,
  [x, y, z]: Triple,
  [sx, sy, sz]: Triple,
): { brightness: number; found: number } {
  const counts = [0, 0, 0, 0];
  let sum = 0;
  for (const dz of OFFSETS) {
    for (const dy of OFFSETS) {
      for (const dx of OFFSETS) {
        const tissue = tissueAt(anatomy, x + dx * sx, y + dy * sy, z + dz * sz);
        const found = CLASS_OF[tissue];
        counts[found] = (counts[found] as number) + 1;
        sum += tissue === 'air' ? 0 : anatomy.contrast[tissue];
      }
    }
  }
  return { brightness: sum / SUPERSAMPLING ** 3, found: counts.indexOf(Math.max(...counts)) };
}

const CLASS_OF = { air: 0, scalp: 0, bone: 0, rim: 0, grey: 1, white: 1, fluid: 2, lesion: 3 } as const;

function tissueAt(anatomy: PhantomAnatomy, x: number, y: number, z: number): keyof typeof CLASS_OF {
  const outer = radiusIn(anatomy.head, x, y, z);
  if (outer >= 1) return 'air';
  const inner = radiusIn(anatomy.brain, x, y, z);
  if (inner >= 1) return outer > 0.93 ? 'scalp' : 'bone';
  if (inner >= 0.95) return 'rim';
  if (radiusIn(anatomy.lesion, x, y, z) < 1) return 'lesion';
  for (const ventricle of anatomy.ventricles) if (radiusIn(ventricle, x, y, z) < 1) return 'fluid';
  return inner > 0.76 + fold(anatomy, x, y, z) ? 'grey' : 'white';
}

function fold({ folds: { depth, phases } }: PhantomAnatomy, x: number, y: number, z: number): number {
  return depth * (Math.sin(x / 4 + phases[0]) + Math.sin(y / 4.6 + phases[1]) + Math.sin(z / 4.3 + phases[2]));
}

/** Uneven coil sensitivity, Rician noise and an arbitrary unit, stored as whole numbers. */
function acquire(signal: Float32Array, [nx, ny, nz]: Triple, random: Random): Int16Array {
  const unit = random.uniform(150, 1500);
  const noise = random.uniform(0.025, 0.055);
  const bias = sampleBias(random);
  const image = new Int16Array(signal.length);
  for (let z = 0, voxel = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, voxel++) {
        const seen = (signal[voxel] as number) * bias((2 * x) / nx - 1, (2 * y) / ny - 1, (2 * z) / nz - 1);
        image[voxel] = Math.round(unit * Math.hypot(seen + random.normal(0, noise), random.normal(0, noise)));
      }
    }
  }
  return image;
}

/** A smooth field around 1, by a random polynomial of second degree over -1 to 1. */
function sampleBias(random: Random): (x: number, y: number, z: number) => number {
  const c = Array.from({ length: 9 }, () => random.uniform(-0.12, 0.12)) as [
    ...[number, number, number],
    ...[number, number, number],
    ...[number, number, number],
  ];
  return (x, y, z) =>
    Math.exp(
      c[0] * x +
        c[1] * y +
        c[2] * z +
        c[3] * x * x +
        c[4] * y * y +
        c[5] * z * z +
        c[6] * x * y +
        c[7] * y * z +
        c[8] * x * z,
    );
}
