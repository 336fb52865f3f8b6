import type { WindowPredictor } from './sliding-window-inferer.ts';

type Size = readonly [depth: number, height: number, width: number];

/**
 * Averages a network's answers over a window and the same one voxel further along every axis, moved back: where a network
 * halves first, the second answer lies between the places of the first. The voxels that left the window keep the first.
 */
export function withShift(predict: WindowPredictor, roiSize: Size): WindowPredictor {
  return async (window) => {
    const answer = Float32Array.from(await predict(window));
    const moved = new Float32Array(window.length);
    forEachRow(roiSize, window.length, (from, to, length) => moved.set(window.subarray(from, from + length), to));
    const other = await predict(moved);
    forEachRow(roiSize, answer.length, (at, shifted, length) => {
      for (let x = 0; x < length; x++)
        answer[at + x] = ((answer[at + x] as number) + (other[shifted + x] as number)) / 2;
    });
    return answer;
  };
}

type VisitRow = (at: number, shifted: number, length: number) => void;

/** Each row that stays inside: where it starts, and where it starts moved by a voxel along every axis longer than one. */
function forEachRow(size: Size, length: number, visit: VisitRow): void {
  const [d, h, w] = size;
  const [dz, dy, dx] = size.map((n) => (n === 1 ? 0 : 1)) as unknown as Size;
  for (let c = 0; c < length / (d * h * w); c++) {
    for (let z = 0; z < d - dz; z++) {
      for (let y = 0; y < h - dy; y++) {
        const place = (pz: number, py: number, px: number): number => ((c * d + pz) * h + py) * w + px;
        visit(place(z, y, 0), place(z + dz, y + dy, dx), w - dx);
      }
    }
  }
}
