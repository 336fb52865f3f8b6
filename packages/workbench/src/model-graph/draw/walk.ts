import type { Scene } from './scene.ts';

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The box that the arrow leads to: along the lines up and down, to the neighbour in the same layer left and right. */
export function walk({ lines, layout }: Scene, from: number, direction: Direction): number {
  if (from < 0) return layout.layers.indexOf(0);
  if (direction === 'down')
    return nearest(
      from,
      lines.flatMap((line) => (line.from === from ? [line.to] : [])),
      layout.x,
    );
  if (direction === 'up')
    return nearest(
      from,
      lines.flatMap((line) => (line.to === from ? [line.from] : [])),
      layout.x,
    );
  const side = direction === 'left' ? -1 : 1;
  const own = layout.x[from] ?? 0;
  const row = [...layout.layers.keys()].filter((box) => {
    return layout.layers[box] === layout.layers[from] && ((layout.x[box] ?? 0) - own) * side > 0;
  });
  return nearest(from, row, layout.x);
}

function nearest(from: number, boxes: readonly number[], x: Float32Array): number {
  const distance = (box: number): number => Math.abs((x[box] ?? 0) - (x[from] ?? 0));
  return boxes.reduce((best, box) => (best === from || distance(box) < distance(best) ? box : best), from);
}

/** The box under a point of the picture, -1 for none. */
export function boxAt({ layout, widths, heights }: Scene, x: number, y: number): number {
  for (let box = 0; box < widths.length; box++) {
    const across = Math.abs((layout.x[box] ?? 0) - x) * 2 <= (widths[box] ?? 0);
    if (across && Math.abs((layout.y[box] ?? 0) - y) * 2 <= (heights[box] ?? 0)) return box;
  }
  return -1;
}
