import type { ImageFrame } from '../frames/image-frame.ts';
import type { PlaneLayout } from './plane-layout.ts';

/** What has not arrived. */
const MISSING = -32768;

export interface ReadPlaneOptions {
  readonly layout: PlaneLayout;
  readonly slice: number;
  /** The frame of each slice of the grid at the time shown. */
  readonly frameAt: (z: number) => ImageFrame | undefined;
}

/** The frame as it is shown, by rows; undefined where none of it has arrived. */
export function readPlane({ layout, slice, frameAt }: ReadPlaneOptions): ImageFrame['values'] | undefined {
  if (layout.axis === 2) {
    const frame = frameAt(slice);
    if (!frame || isAsStored(layout) || frame.isColor) return frame?.values;
    return gather(layout, frame.values, [
      layout.right === 0 ? 1 : frame.columns,
      layout.down === 0 ? 1 : frame.columns,
    ]);
  }
  return readAcross({ layout, slice, frameAt });
}

function isAsStored({ right, down, flipRight, flipDown }: PlaneLayout): boolean {
  return right === 0 && down === 1 && !flipRight && !flipDown;
}

function gather(layout: PlaneLayout, from: ImageFrame['values'], [stepRight, stepDown]: readonly [number, number]) {
  const { columns, rows, flipRight, flipDown } = layout;
  const to = from instanceof Int16Array ? new Int16Array(columns * rows) : new Float32Array(columns * rows);
  for (let row = 0, i = 0; row < rows; row++) {
    const start = (flipDown ? rows - 1 - row : row) * stepDown;
    for (let column = 0; column < columns; column++)
      to[i++] = from[start + (flipRight ? columns - 1 - column : column) * stepRight] as number;
  }
  return to;
}

/** One line of each frame. */
function readAcross({ layout, slice, frameAt }: ReadPlaneOptions): Int16Array | Float32Array | undefined {
  const { columns, rows, right, down, flipRight, flipDown } = layout;
  const count = right === 2 ? columns : rows;
  const along = right === 2 ? rows : columns;
  let values: Int16Array | Float32Array | undefined;
  for (let z = 0; z < count; z++) {
    const frame = frameAt(z);
    if (!frame || frame.isColor) continue;
    values ??=
      frame.values instanceof Int16Array
        ? new Int16Array(columns * rows).fill(MISSING)
        : new Float32Array(columns * rows).fill(MISSING);
    const inFrame = right === 2 ? down : right;
    const [start, step] = inFrame === 0 ? [slice * frame.columns, 1] : [slice, frame.columns];
    const flip = right === 2 ? flipDown : flipRight;
    const flipZ = right === 2 ? flipRight : flipDown;
    const line = flipZ ? count - 1 - z : z;
    const [to, toStep] = right === 2 ? [line, columns] : [line * columns, 1];
    for (let i = 0; i < along; i++)
      values[to + i * toStep] = frame.values[start + (flip ? along - 1 - i : i) * step] as number;
  }
  return values;
}
