import type { Triple } from '@vesalius/volume';

/** Voxels from `from` to `to`, both inside. */
export interface Bounds {
  readonly from: Triple;
  readonly to: Triple;
}

/** What one step changed: a voxel's place, its value before and after. */
interface Step {
  readonly at: Uint32Array;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly bounds: Bounds;
}

const MOST_BYTES = 256 << 20;
const BYTES_A_VOXEL = 6;

/**
 * A label map that is changed step by step, each of which can be taken back. A step is what lies between `begin` and `end`: a stroke of a brush, an
 * answer of a model. The oldest steps are forgotten when all together grow too large.
 */
export class LabelHistory {
  readonly mask: Uint8Array;
  readonly #size: Triple;
  #open = new Map<number, number>();
  #done: Step[] = [];
  #undone: Step[] = [];

  /** @param mask - `[z, y, x]` of `size`, x fastest; changed in place */
  constructor(mask: Uint8Array, size: Triple) {
    this.mask = mask;
    this.#size = size;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** Gives voxels a value, within the step that is open. @returns what changed */
  set(voxels: Iterable<number>, value: number): Bounds | undefined {
    const changed: number[] = [];
    for (const i of voxels) {
      const old = this.mask[i];
      if (old === undefined || old === value) continue;
      if (!this.#open.has(i)) this.#open.set(i, old);
      this.mask[i] = value;
      changed.push(i);
    }
    return boundsOf(changed, this.#size);
  }

  /** Takes another label map's values, as a step of its own. */
  replace(next: Uint8Array): Bounds | undefined {
    const changed: number[] = [];
    for (let i = 0; i < next.length; i++) {
      if (next[i] === this.mask[i]) continue;
      if (!this.#open.has(i)) this.#open.set(i, this.mask[i] as number);
      this.mask[i] = next[i] as number;
      changed.push(i);
    }
    this.end();
    return boundsOf(changed, this.#size);
  }

  /** Closes the step. @returns whether it changed anything */
  end(): boolean {
    const entries = [...this.#open].filter(([i, before]) => this.mask[i] !== before);
    this.#open = new Map();
    if (entries.length === 0) return false;
    const at = Uint32Array.from(entries, ([i]) => i);
    const before = Uint8Array.from(entries, ([, value]) => value);
    const after = Uint8Array.from(entries, ([i]) => this.mask[i] as number);
    this.#done.push({ at, before, after, bounds: boundsOf(at, this.#size) as Bounds });
    this.#undone = [];
    this.#forget();
    return true;
  }

  undo(): Bounds | undefined {
    const step = this.#done.pop();
    if (step) this.#undone.push(step);
    return step && this.#write(step, step.before);
  }

  redo(): Bounds | undefined {
    const step = this.#undone.pop();
    if (step) this.#done.push(step);
    return step && this.#write(step, step.after);
  }

  #write({ at, bounds }: Step, values: Uint8Array): Bounds {
    for (let k = 0; k < at.length; k++) this.mask[at[k] as number] = values[k] as number;
    return bounds;
  }

  #forget(): void {
    let bytes = this.#done.reduce((sum, { at }) => sum + at.length * BYTES_A_VOXEL, 0);
    while (bytes > MOST_BYTES && this.#done.length > 1) bytes -= (this.#done.shift()?.at.length ?? 0) * BYTES_A_VOXEL;
  }
}

function boundsOf(voxels: ArrayLike<number>, [nx, ny]: Triple): Bounds | undefined {
  if (voxels.length === 0) return undefined;
  const from = [Infinity, Infinity, Infinity];
  const to = [-1, -1, -1];
  for (let k = 0; k < voxels.length; k++) {
    const i = voxels[k] as number;
    const place = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    for (let axis = 0; axis < 3; axis++) {
      from[axis] = Math.min(from[axis] as number, place[axis] as number);
      to[axis] = Math.max(to[axis] as number, place[axis] as number);
    }
  }
  return { from: from as unknown as Triple, to: to as unknown as Triple };
}
