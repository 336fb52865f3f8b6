import { Random } from '@vesalius/engine';
import { affineFromSpacing, createVolume, type Triple, type Volume } from '@vesalius/volume';
import { distance, type Finding } from '../detection/finding.ts';

export interface ChestPhantomOptions {
  /** Default: 96 x 80 x 72. */
  readonly size?: Triple;
  /** Default: 2 x 2 x 2. */
  readonly spacingMm?: Triple;
}

export interface ChestPhantom {
  /** Hounsfield units. */
  readonly image: Volume<Int16Array>;
  readonly findings: readonly Finding[];
}

const HU = { air: -1000, lung: -850, tissue: 40, vessel: 30 } as const;
const NOISE_HU = 25;
const VESSELS = 14;
const MOST_NODULES = 4;

interface Lung {
  readonly centre: Triple;
  readonly semiAxes: Triple;
}

/**
 * A made-up chest CT with round nodules among branching vessels, for trying detectors where no real scans are at hand. Vessels cross the planes as
 * round spots too: only in three dimensions a nodule differs.
 *
 * The same seed gives the same scan.
 */
export function generateChestPhantom(
  seed: number | string,
  { size = [96, 80, 72], spacingMm = [2, 2, 2] }: ChestPhantomOptions = {},
): ChestPhantom {
  const random = new Random(seed).fork('chest-phantom');
  const extent = size.map((n, axis) => n * (spacingMm[axis] as number)) as unknown as Triple;
  const originMm = size.map((n, axis) => (-(n - 1) / 2) * (spacingMm[axis] as number)) as unknown as Triple;
  const canvas: Canvas = {
    size,
    spacingMm,
    originMm,
    voxels: new Float32Array(size[0] * size[1] * size[2]).fill(HU.air),
  };
  paintEllipsoid(
    canvas,
    { centre: [0, 0, 0], semiAxes: [0.49 * extent[0], 0.47 * extent[1], 0.7 * extent[2]] },
    HU.tissue,
  );
  const lungs = [-1, 1].map(
    (side): Lung => ({
      centre: [side * 0.23 * extent[0], 0, 0],
      semiAxes: [0.18, 0.36, 0.46].map((share, axis) => share * (extent[axis] as number)) as unknown as Triple,
    }),
  );
  for (const lung of lungs) paintEllipsoid(canvas, lung, HU.lung);
  for (const [i, lung] of lungs.entries())
    for (let v = 0; v < VESSELS; v++) paintVessel(canvas, lung, random.fork(`vessel ${i} ${v}`));
  const findings = drawNodules(lungs, random.fork('nodules'));
  const shapes = random.fork('shapes');
  for (const { centreMm, diameterMm } of findings) {
    const semiAxes = [0, 1, 2].map(() => (diameterMm / 2) * shapes.uniform(0.9, 1.1)) as unknown as Triple;
    paintEllipsoid(canvas, { centre: centreMm, semiAxes }, shapes.uniform(-50, 80));
  }
  const noise = random.fork('noise');
  const voxels = Int16Array.from(canvas.voxels, (value) => Math.round(value + NOISE_HU * noise.normal()));
  return { image: createVolume({ voxels, size, voxelToLps: affineFromSpacing(spacingMm, originMm) }), findings };
}

interface Canvas {
  readonly size: Triple;
  readonly spacingMm: Triple;
  readonly originMm: Triple;
  readonly voxels: Float32Array;
}

/** Well inside a lung, apart from each other. */
function drawNodules(lungs: readonly Lung[], random: Random): Finding[] {
  const findings: Finding[] = [];
  const wanted = 1 + random.integer(MOST_NODULES);
  for (let tries = 0; findings.length < wanted && tries < 100; tries++) {
    const { centre, semiAxes } = lungs[random.integer(lungs.length)] as Lung;
    const diameterMm = random.uniform(5, 14);
    const offset = semiAxes.map((semi) => random.uniform(-1, 1) * (semi - diameterMm)) as unknown as Triple;
    const outward = offset.reduce(
      (sum, value, axis) => sum + (value / ((semiAxes[axis] as number) - diameterMm)) ** 2,
      0,
    );
    const centreMm = offset.map((value, axis) => value + (centre[axis] as number)) as unknown as Triple;
    const clear = findings.every((other) => distance(other.centreMm, centreMm) > other.diameterMm + diameterMm);
    if (outward < 1 && clear) findings.push({ centreMm, diameterMm });
  }
  return findings;
}

/** From the lung's inner side outwards, ever thinner, turning a little at each step. */
function paintVessel(canvas: Canvas, { centre, semiAxes }: Lung, random: Random): void {
  const inner = -Math.sign(centre[0]) * 0.8 * semiAxes[0];
  let place: Triple = [centre[0] + inner, centre[1] + random.normal() * 8, centre[2] + random.normal() * 12];
  let heading: Triple = [Math.sign(centre[0]), random.normal(), random.normal()];
  for (let radius = random.uniform(1.5, 3.5); radius > 0.8; radius *= 0.96) {
    const outward = place.reduce((sum, value, axis) => {
      const share = (value - (centre[axis] as number)) / (semiAxes[axis] as number);
      return sum + share ** 2;
    }, 0);
    if (outward > 0.95) return;
    paintEllipsoid(canvas, { centre: place, semiAxes: [radius, radius, radius] }, HU.vessel);
    const length = Math.hypot(...heading);
    place = place.map((value, axis) => value + (1.5 * (heading[axis] as number)) / length) as unknown as Triple;
    heading = heading.map((value) => value / length + 0.2 * random.normal()) as unknown as Triple;
  }
}

/** With an edge one voxel wide, as the scanner's blur leaves it. */
function paintEllipsoid(
  { size, spacingMm, originMm, voxels }: Canvas,
  { centre, semiAxes }: Lung,
  value: number,
): void {
  const blur = Math.max(...spacingMm);
  const [from, to] = [-1, 1].map((side) =>
    centre.map((middle, axis) => {
      const reach = side * ((semiAxes[axis] as number) + blur);
      const voxel = (middle + reach - (originMm[axis] as number)) / (spacingMm[axis] as number);
      return Math.min((size[axis] as number) - 1, Math.max(0, side < 0 ? Math.floor(voxel) : Math.ceil(voxel)));
    }),
  ) as [number[], number[]];
  const smallest = Math.min(...semiAxes);
  const share = (axis: number, voxel: number): number =>
    ((originMm[axis] as number) + voxel * (spacingMm[axis] as number) - (centre[axis] as number)) /
    (semiAxes[axis] as number);
  for (let z = from[2] as number; z <= (to[2] as number); z++)
    for (let y = from[1] as number; y <= (to[1] as number); y++)
      for (let x = from[0] as number; x <= (to[0] as number); x++) {
        const outside = (Math.hypot(share(0, x), share(1, y), share(2, z)) - 1) * smallest;
        const inside = Math.min(1, Math.max(0, 0.5 - outside / blur));
        const at = (z * size[1] + y) * size[0] + x;
        voxels[at] = (voxels[at] as number) * (1 - inside) + value * inside;
      }
}
