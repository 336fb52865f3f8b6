/** Voxels that are kept and compared together. */
export const CHUNK = 4096;
/** Of an array besides its bytes, about. */
const ARRAY_BYTES = 200;

/** How the bytes of a chunk differ before and after: their exclusive or, as pairs of a length and a value or byte by byte. */
export interface ChunkDelta {
  readonly start: number;
  readonly delta: Uint16Array | Uint8Array;
}

/** What takes a chunk to what it is after and back; undefined where both are the same. */
export function deltaOf(start: number, before: Uint8Array, after: Uint8Array): ChunkDelta | undefined {
  const runs: number[] = [];
  for (let i = 0; i < before.length; ) {
    const value = (before[i] as number) ^ (after[i] as number);
    const from = i++;
    while (i < before.length && ((before[i] as number) ^ (after[i] as number)) === value) i++;
    runs.push(i - from, value);
  }
  if (runs.length === 2 && runs[1] === 0) return undefined;
  if (runs.length * 2 < before.length) return { start, delta: Uint16Array.from(runs) };
  return { start, delta: before.map((value, i) => value ^ (after[i] as number)) };
}

/** Applied once it does the step again, applied twice it takes it back. `counts` has how many voxels have each value. */
export function applyDelta({ start, delta }: ChunkDelta, mask: Uint8Array, counts: Float64Array): void {
  const flip = (i: number, by: number) => {
    const old = mask[i] as number;
    mask[i] = old ^ by;
    counts[old] = (counts[old] as number) - 1;
    counts[old ^ by] = (counts[old ^ by] as number) + 1;
  };
  if (delta instanceof Uint8Array) {
    for (let i = 0; i < delta.length; i++) if (delta[i] !== 0) flip(start + i, delta[i] as number);
    return;
  }
  for (let k = 0, i = start; k < delta.length; k += 2) {
    const end = i + (delta[k] as number);
    const by = delta[k + 1] as number;
    if (by !== 0) for (; i < end; i++) flip(i, by);
    i = end;
  }
}

export function bytesOf(chunks: readonly ChunkDelta[]): number {
  return chunks.reduce((sum, { delta }) => sum + delta.byteLength + ARRAY_BYTES, 0);
}
