import type { Picture } from '@vesalius/engine';
import type { GateMap } from '@vesalius/methods';
import type { Volume } from '@vesalius/volume';

type Colour = readonly [red: number, green: number, blue: number];

const TILE = 200;
const GAP = 8;
/** Height of the row of channel weights below a tile. */
const STRIP = 12;
const CONVOLUTIONS: Colour = [37, 99, 168];
const EVEN: Colour = [247, 247, 247];
const TRANSFORMER: Colour = [217, 95, 14];
const BACKGROUND = 255;

/**
 * All gates in one picture: the scan at the top left, then a row a level and a column a column of nodes. Of a volume the middle slice. White stands for a half, full colours for `reach` above and below.
 */
export function gateSheet(channels: readonly Volume[], maps: readonly GateMap[], reach: number): Picture {
  const places = maps.map(({ node }) => node.split('.').map(Number) as [level: number, column: number]);
  const rows = 1 + Math.max(...places.map(([level]) => level));
  const columns = 1 + Math.max(...places.map(([, column]) => column));
  const [width, height] = [columns * (TILE + GAP) + GAP, rows * (TILE + STRIP + GAP) + GAP];
  const sheet = { width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(BACKGROUND) } as const;
  drawSlice(sheet, [0, 0], scanColours(channels));
  for (const [i, { places: shares, channels: weights }] of maps.entries()) {
    const [level, column] = places[i] as [number, number];
    drawSlice(sheet, [level, column], {
      size: shares.size,
      colourAt: (voxel) => shareColour(((shares.voxels[voxel] as number) - 0.5) / reach),
    });
    drawStrip(sheet, [level, column], weights);
  }
  return sheet;
}

interface Slice {
  readonly size: Volume['size'];
  readonly colourAt: (voxel: number) => Colour;
}

/** Red, green and blue where there are three channels, else the first in grey, from its least to its largest value. */
function scanColours(channels: readonly Volume[]): Slice {
  const [first] = channels as [Volume];
  const shown = channels.length === 3 ? channels : [first, first, first];
  const scaled = shown.map(({ voxels }) => {
    const [low, high] = extent(voxels);
    return (voxel: number): number => (255 * (Number(voxels[voxel]) - low)) / (high - low || 1);
  });
  return { size: first.size, colourAt: (voxel) => scaled.map((at) => at(voxel)) as unknown as Colour };
}

function extent(voxels: Volume['voxels']): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of voxels) {
    low = Math.min(low, Number(value));
    high = Math.max(high, Number(value));
  }
  return [low, high];
}

/** @param lead - of the transformer: -1 to 1 */
function shareColour(lead: number): Colour {
  const end = lead < 0 ? CONVOLUTIONS : TRANSFORMER;
  const weight = Math.min(1, Math.abs(lead));
  return EVEN.map((value, i) => value + weight * ((end[i] as number) - value)) as unknown as Colour;
}

/** Fits the tile's longer side; each pixel is that of the nearest voxel. */
function drawSlice(sheet: Picture, at: readonly [number, number], { size: [nx, ny, nz], colourAt }: Slice): void {
  const [left, top] = cornerOf(at);
  const scale = Math.max(nx, ny) / TILE;
  const first = Math.floor(nz / 2) * nx * ny;
  for (let y = 0; y < Math.floor(ny / scale); y++)
    for (let x = 0; x < Math.floor(nx / scale); x++)
      paint(
        sheet,
        [left + x, top + y],
        colourAt(first + Math.floor((y + 0.5) * scale) * nx + Math.floor((x + 0.5) * scale)),
      );
}

/** A cell a channel: white for 0, black for 1. */
function drawStrip(sheet: Picture, at: readonly [number, number], weights: Float32Array): void {
  const [left, top] = cornerOf(at);
  for (let x = 0; x < TILE; x++) {
    const value = 255 * (1 - (weights[Math.floor((x * weights.length) / TILE)] as number));
    for (let y = 2; y < STRIP; y++) paint(sheet, [left + x, top + TILE + y], [value, value, value]);
  }
}

const cornerOf = ([row, column]: readonly [number, number]): [left: number, top: number] => [
  GAP + column * (TILE + GAP),
  GAP + row * (TILE + STRIP + GAP),
];

function paint({ width, data }: Picture, [x, y]: readonly [number, number], colour: Colour): void {
  for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = Math.round(colour[c] as number);
}
