/** A ring of corners, x and y of each in turn; the last leads back to the first. */
export type Ring = readonly number[];

/** Ways out of a corner, clockwise with y down: right, down, left, up. */
const STEP_X = [1, 0, -1, 0] as const;
const STEP_Y = [0, 1, 0, -1] as const;

/**
 * The outlines of what is not 0, along the edges of pixels, so that exactly these pixels' centres are inside. Pixels that meet at
 * a corner alone are apart. Each hole is joined to the ring around it by a cut of no width, as CLOSED_PLANAR asks for:
 * PS3.3 C.8.8.6.3.
 *
 * @param mask - row by row; the centre of the first pixel is 0, 0
 */
export function traceMask(mask: ArrayLike<number>, columns: number, rows: number): Ring[] {
  const rings = ringsOf(edgesOf(mask, columns, rows), columns);
  const outer = rings.filter((ring) => signedArea(ring) > 0).map((ring) => ({ ring: ring as Ring, around: ring }));
  for (const hole of rings.filter((ring) => signedArea(ring) < 0)) {
    const [x, y] = besideStart(hole);
    const holders = outer.filter(({ around }) => insideRing(around, x, y));
    const holder = holders.reduce((best, one) => (signedArea(one.around) < signedArea(best.around) ? one : best));
    holder.ring = joined(holder.ring, hole);
  }
  return outer.map(({ ring }) => ring.map((value) => value - 0.5));
}

/** For each corner the edges that leave it, as bits by direction; what is inside lies on their right. */
function edgesOf(mask: ArrayLike<number>, columns: number, rows: number): Uint8Array {
  const edges = new Uint8Array((columns + 1) * (rows + 1));
  const inside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < columns && y < rows && mask[x + columns * y] !== 0;
  const put = (x: number, y: number, direction: number): void => {
    const corner = x + (columns + 1) * y;
    edges[corner] = (edges[corner] as number) | (1 << direction);
  };
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (!inside(x, y)) continue;
      if (!inside(x, y - 1)) put(x, y, 0);
      if (!inside(x + 1, y)) put(x + 1, y, 1);
      if (!inside(x, y + 1)) put(x + 1, y + 1, 2);
      if (!inside(x - 1, y)) put(x, y + 1, 3);
    }
  }
  return edges;
}

function ringsOf(edges: Uint8Array, columns: number): number[][] {
  const rings: number[][] = [];
  for (let corner = 0; corner < edges.length; corner++) {
    while (edges[corner] !== 0) rings.push(followed(edges, corner, columns + 1));
  }
  return rings;
}

/** Takes the edges of one ring away; where two leave a corner, the right turn stays with the same pixel. */
function followed(edges: Uint8Array, start: number, width: number): number[] {
  const ring: number[] = [];
  let corner = start;
  let direction = Math.log2((edges[start] as number) & -(edges[start] as number));
  let last = -1;
  do {
    if (direction !== last) ring.push(corner % width, Math.floor(corner / width));
    edges[corner] = (edges[corner] as number) & ~(1 << direction);
    corner += (STEP_X[direction] as number) + width * (STEP_Y[direction] as number);
    last = direction;
    const ways = edges[corner] as number;
    direction = [direction + 1, direction, direction + 3].map((way) => way % 4).find((way) => ways & (1 << way)) ?? -1;
  } while (corner !== start || (direction >= 0 && direction === (last + 1) % 4));
  return ring;
}

/** Positive where the ring runs clockwise with y down. */
function signedArea(ring: Ring): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const next = (i + 2) % ring.length;
    sum += (ring[i] as number) * (ring[next + 1] as number) - (ring[next] as number) * (ring[i + 1] as number);
  }
  return sum / 2;
}

/** The centre of the pixel on the right of a ring's first edge: inside of what the ring bounds. */
function besideStart([x0 = 0, y0 = 0, x1 = 0, y1 = 0]: Ring): [number, number] {
  const [dx, dy] = [Math.sign(x1 - x0), Math.sign(y1 - y0)];
  return [x0 + 0.5 * dx - 0.5 * dy, y0 + 0.5 * dy + 0.5 * dx];
}

/** Even-odd; only upright edges matter, as all edges are upright or level. */
function insideRing(ring: Ring, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0; i < ring.length; i += 2) {
    const next = (i + 2) % ring.length;
    const [ya, yb] = [ring[i + 1] as number, ring[next + 1] as number];
    if (ya > y !== yb > y && (ring[i] as number) > x) inside = !inside;
  }
  return inside;
}

/** Both rings as one, over the shortest cut from the hole's first corner. */
function joined(ring: Ring, hole: Ring): Ring {
  const [hx = 0, hy = 0] = hole;
  let nearest = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ring.length; i += 2) {
    const distance = Math.hypot((ring[i] as number) - hx, (ring[i + 1] as number) - hy);
    if (distance < least) [nearest, least] = [i, distance];
  }
  return [...ring.slice(0, nearest + 2), ...hole, hx, hy, ...ring.slice(nearest)];
}
