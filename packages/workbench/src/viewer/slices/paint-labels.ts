import type { Triple } from '@vesalius/volume';
import type { LabelLayer } from '../viewport-contract.ts';
import type { PlaneLayout } from './plane-layout.ts';

export interface PaintLabelsOptions {
  readonly layer: LabelLayer;
  readonly layout: PlaneLayout;
  readonly size: Triple;
  readonly slice: number;
}

/** Paints a slice of a label map in the colours of its labels; the borders are stronger than what they enclose. */
export function paintLabels(to: Uint32Array, { layer, layout, size, slice }: PaintLabelsOptions): void {
  const { columns, rows, right, down, axis, flipRight, flipDown } = layout;
  const steps = [1, size[0], size[0] * size[1]] as const;
  const stepRight = (flipRight ? -1 : 1) * steps[right];
  const stepDown = (flipDown ? -1 : 1) * steps[down];
  const start =
    slice * steps[axis] + (flipRight ? (columns - 1) * steps[right] : 0) + (flipDown ? (rows - 1) * steps[down] : 0);
  const [inside, border] = [colorsOf(layer, layer.opacity), colorsOf(layer, Math.min(1, layer.opacity * 2))];
  const { mask } = layer;
  for (let row = 0, i = 0; row < rows; row++) {
    let at = start + row * stepDown;
    for (let column = 0; column < columns; column++, i++, at += stepRight) {
      const value = mask[at] as number;
      if (value === 0) {
        to[i] = 0;
        continue;
      }
      const isBorder =
        (column > 0 && mask[at - stepRight] !== value) ||
        (column < columns - 1 && mask[at + stepRight] !== value) ||
        (row > 0 && mask[at - stepDown] !== value) ||
        (row < rows - 1 && mask[at + stepDown] !== value);
      to[i] = (isBorder ? border : inside)[value] as number;
    }
  }
}

function colorsOf({ labels }: LabelLayer, opacity: number): Uint32Array {
  const colors = new Uint32Array(256);
  for (const { value, color, visible } of labels)
    colors[value] = visible
      ? ((Math.round(255 * opacity) << 24) | (color[2] << 16) | (color[1] << 8) | color[0]) >>> 0
      : 0;
  return colors;
}
