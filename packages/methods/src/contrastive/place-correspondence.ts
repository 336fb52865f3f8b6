/** Features of places of one film. */
export interface PlaceGrid {
  /** `[wide * wide, channels]`, rows from above, each of length 1. */
  readonly features: Float32Array;
  readonly wide: number;
}

/** From 0 to 1, x to the right and y downward. */
export type Place = readonly [number, number];

/** How like each cell of another film is to a place of this one, `[wide * wide]`, from -1 to 1. */
export function likenessMap(grid: PlaceGrid, place: Place, other: PlaceGrid): Float32Array {
  const query = featureAt(grid, place);
  const channels = query.length;
  return Float32Array.from({ length: other.wide ** 2 }, (_, cell) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += (query[c] as number) * (other.features[cell * channels + c] as number);
    return sum;
  });
}

const SHARPNESS = 0.05;

/** What is worth as much as a likeness lower by `EXPECTATION`: the distance from where a place is expected, in parts of the width. */
const REACH = 0.06;
const EXPECTATION = 0.1;

/**
 * Where another film shows the place: the most alike cell, refined by those around it.
 *
 * @param expected - where it would be by another way, such as coarse alignment: the farther from there, the more alike a cell has to be
 */
export function correspondingPlace(grid: PlaceGrid, place: Place, other: PlaceGrid, expected?: Place): Place {
  const likeness = likenessMap(grid, place, other);
  const map = expected ? likeness.map((value, cell) => value - strangeness(cell, other.wide, expected)) : likeness;
  const best = map.indexOf(Math.max(...map));
  const { wide } = other;
  const [bx, by] = [best % wide, Math.floor(best / wide)];
  let [sum, sx, sy] = [0, 0, 0];
  for (let y = Math.max(0, by - 1); y <= Math.min(wide - 1, by + 1); y++)
    for (let x = Math.max(0, bx - 1); x <= Math.min(wide - 1, bx + 1); x++) {
      const weight = Math.exp(((map[y * wide + x] as number) - (map[best] as number)) / SHARPNESS);
      [sum, sx, sy] = [sum + weight, sx + weight * (x + 0.5), sy + weight * (y + 0.5)];
    }
  return [sx / sum / wide, sy / sum / wide];
}

function strangeness(cell: number, wide: number, [x, y]: Place): number {
  const [dx, dy] = [((cell % wide) + 0.5) / wide - x, (Math.floor(cell / wide) + 0.5) / wide - y];
  return EXPECTATION * ((dx * dx + dy * dy) / REACH ** 2);
}

function featureAt({ features, wide }: PlaceGrid, [px, py]: Place): Float32Array {
  const channels = features.length / (wide * wide);
  const within = (value: number): number => Math.min(wide - 1, Math.max(0, value * wide - 0.5));
  const [x, y] = [within(px), within(py)];
  const [x0, y0] = [Math.min(wide - 2, Math.floor(x)), Math.min(wide - 2, Math.floor(y))];
  const out = new Float32Array(channels);
  for (const [dx, dy] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const) {
    const weight = (dx ? x - x0 : 1 - (x - x0)) * (dy ? y - y0 : 1 - (y - y0));
    const from = ((y0 + dy) * wide + x0 + dx) * channels;
    for (let c = 0; c < channels; c++) out[c] = (out[c] as number) + weight * (features[from + c] as number);
  }
  return out;
}
