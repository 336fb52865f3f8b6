import type { Window } from './window.ts';

const OPAQUE = 0xff000000;

export interface Greys {
  readonly window: Window;
  readonly invert: boolean;
}

let table: { readonly of: string; readonly colors: Uint32Array } | undefined;

/** Paints values as greys. @param to - a pixel each, as a canvas has them on a little-endian machine */
export function paintGrey(values: Int16Array | Float32Array, to: Uint32Array, greys: Greys): void {
  if (values instanceof Int16Array) {
    const colors = tableOf(greys);
    for (let i = 0; i < to.length; i++) to[i] = colors[(values[i] as number) + 32768] as number;
    return;
  }
  for (let i = 0; i < to.length; i++) to[i] = greyOf(values[i] as number, greys);
}

/** Of all 16-bit values; kept, since a window stays while slices change. */
function tableOf(greys: Greys): Uint32Array {
  const of = `${greys.window.center} ${greys.window.width} ${greys.invert}`;
  if (table?.of !== of)
    table = { of, colors: Uint32Array.from({ length: 65_536 }, (_, i) => greyOf(i - 32_768, greys)) };
  return table.colors;
}

/** PS3.3 C.11.2.1.2.1, LINEAR. */
function greyOf(value: number, { window: { center, width }, invert }: Greys): number {
  const share = width <= 1 ? Number(value > center - 0.5) : (value - (center - 0.5)) / (width - 1) + 0.5;
  const clamped = share > 0 ? Math.min(share, 1) : 0;
  const grey = Math.round(255 * (invert ? 1 - clamped : clamped));
  return (OPAQUE | (grey << 16) | (grey << 8) | grey) >>> 0;
}
