/** Stops of colour maps from the least to the most. */
const MAPS = {
  hot: [0x000000, 0xb00000, 0xff7a00, 0xffe100, 0xffffff],
  viridis: [0x440154, 0x3b528b, 0x21918c, 0x5ec962, 0xfde725],
  cool: [0x0b1e5b, 0x1f6feb, 0x35d0ba, 0xa8f0d0, 0xffffff],
} as const;

export type ColorMapName = keyof typeof MAPS;

export const COLOR_MAPS = Object.keys(MAPS) as readonly ColorMapName[];

export interface PaintHeatOptions {
  readonly map: ColorMapName;
  readonly low: number;
  readonly high: number;
  readonly opacity: number;
}

/** Paints values in a colour map; what is at the low end or no number stays clear. */
export function paintHeat(
  values: ArrayLike<number>,
  to: Uint32Array,
  { map, low, high, opacity }: PaintHeatOptions,
): void {
  const colors = Uint32Array.from({ length: 256 }, (_, i) => colorAt(MAPS[map], i / 255, opacity));
  const scale = 255 / Math.max(high - low, 1e-12);
  for (let i = 0; i < to.length; i++) {
    const level = Math.min(255, Math.round(((values[i] as number) - low) * scale));
    to[i] = level > 0 ? (colors[level] as number) : 0;
  }
}

function colorAt(stops: readonly number[], share: number, opacity: number): number {
  const place = share * (stops.length - 1);
  const [from, to] = [stops[Math.floor(place)] ?? 0, stops[Math.ceil(place)] ?? 0];
  const channel = (shift: number) => {
    const [a, b] = [(from >> shift) & 255, (to >> shift) & 255];
    return Math.round(a + (b - a) * (place % 1));
  };
  return ((Math.round(255 * opacity) << 24) | (channel(0) << 16) | (channel(8) << 8) | channel(16)) >>> 0;
}
