import type { Random } from '@vesalius/engine';
import { type Ellipsoid, placeIn, radiusIn, rotationOf } from './ellipsoid.ts';

/** Brightness of each tissue, 1 being the brightest usual one. */
export interface TissueContrast {
  readonly scalp: number;
  readonly bone: number;
  /** Fluid around the brain. */
  readonly rim: number;
  /** Fluid in the ventricles. */
  readonly fluid: number;
  readonly grey: number;
  readonly white: number;
  readonly lesion: number;
}

/** One head: its parts and how bright they are. */
export interface PhantomAnatomy {
  readonly head: Ellipsoid;
  readonly brain: Ellipsoid;
  readonly ventricles: readonly Ellipsoid[];
  readonly lesion: Ellipsoid;
  /** Amplitude and phases of the folds that shape the border of grey and white matter. */
  readonly folds: { readonly depth: number; readonly phases: readonly [number, number, number] };
  readonly contrast: TissueContrast;
}

export const PHANTOM_LABELS = [
  { value: 0, name: 'background' },
  { value: 1, name: 'brain' },
  { value: 2, name: 'ventricles' },
  { value: 3, name: 'lesion' },
] as const;

type Triple = readonly [number, number, number];

const HEAD_MM: Triple = [50, 62, 51];
/** Scalp and skull together. */
const SHELL_MM = 9;
const VENTRICLE_MM: Triple = [6.5, 19, 8];
const VENTRICLE_OFFSET_MM = 9.5;
const LESION_MM: readonly [number, number] = [4.5, 12];

/** A head of random pose, size, ventricles, lesion and contrast, around the centre of the patient's axes. */
export function sampleAnatomy(random: Random): PhantomAnatomy {
  const vary = (value: number, share: number): number => value * random.uniform(1 - share, 1 + share);
  const centre: Triple = [random.uniform(-5, 5), random.uniform(-4, 4), random.uniform(-5, 5)];
  const rotation = rotationOf(random.uniform(-12, 12), random.uniform(-10, 10), random.uniform(-14, 14));
  const scale = random.uniform(0.9, 1.06);
  const head: Ellipsoid = { centre, rotation, semiAxes: triple((axis) => scale * vary(HEAD_MM[axis] as number, 0.04)) };
  const brain: Ellipsoid = { ...head, semiAxes: triple((axis) => (head.semiAxes[axis] as number) - SHELL_MM) };
  const ventricles = sampleVentricles(random, brain, scale);
  return {
    head,
    brain,
    ventricles,
    lesion: sampleLesion(random, brain, ventricles),
    folds: { depth: random.uniform(0.03, 0.06), phases: triple(() => random.uniform(0, 2 * Math.PI)) },
    contrast: {
      scalp: vary(0.9, 0.1),
      bone: vary(0.14, 0.3),
      rim: vary(0.26, 0.2),
      fluid: vary(0.24, 0.2),
      grey: vary(0.54, 0.06),
      white: vary(0.7, 0.06),
      lesion: vary(0.96, 0.12),
    },
  };
}

/** Left and right, alike but not equal; old heads have wide ones. */
function sampleVentricles(random: Random, brain: Ellipsoid, scale: number): Ellipsoid[] {
  const width = scale * random.uniform(0.75, 1.5);
  return [-1, 1].map((side) => {
    const semiAxes = triple(
      (axis) => (VENTRICLE_MM[axis] as number) * (axis === 1 ? scale : width) * random.uniform(0.85, 1.15),
    );
    const centre = placeIn(brain, [
      side * (VENTRICLE_OFFSET_MM + 0.6 * semiAxes[0]),
      random.uniform(-4, 4),
      random.uniform(0, 6),
    ]);
    const tilt = rotationOf(random.uniform(-12, 12), side * random.uniform(0, 14), side * random.uniform(-16, -4));
    return { centre, semiAxes, rotation: multiply(tilt, brain.rotation) };
  });
}

/** Anywhere in the brain that is not ventricle; it may touch either border. */
function sampleLesion(random: Random, brain: Ellipsoid, ventricles: readonly Ellipsoid[]): Ellipsoid {
  const rotation = rotationOf(random.uniform(0, 180), random.uniform(0, 180), random.uniform(0, 180));
  // Small ones are frequent, as in patients.
  const radius = LESION_MM[0] + (LESION_MM[1] - LESION_MM[0]) * random.uniform() ** 1.6;
  const semiAxes = triple(() => radius * random.uniform(0.75, 1.25));
  for (;;) {
    const centre = placeIn(
      brain,
      triple((axis) => (brain.semiAxes[axis] as number) * random.uniform(-0.85, 0.85)),
    );
    const clear = ventricles.every((ventricle) => radiusIn(ventricle, ...centre) > 1.1);
    if (clear && radiusIn(brain, ...centre) < 0.85) return { centre, semiAxes, rotation };
  }
}

function triple(value: (axis: number) => number): [number, number, number] {
  return [value(0), value(1), value(2)];
}

function multiply(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3];
    return [0, 1, 2].reduce((sum, k) => sum + (a[row + k] as number) * (b[3 * k + column] as number), 0);
  });
}
