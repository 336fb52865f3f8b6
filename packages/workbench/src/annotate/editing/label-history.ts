import type { Triple } from '@vesalius/volume';
import { type Bounds, ChangedBox } from './changed-box.ts';
import type { Region } from './region.ts';
import { applyDelta, bytesOf, CHUNK, type ChunkDelta, deltaOf } from './step-delta.ts';

/** Voxels of one row by their places in the map: the first, and the one after the last. */
export type Run = readonly [from: number, to: number];

/** What goes with a step, such as the click that a model answered. */
export interface Companion {
  readonly undo: () => void;
  readonly redo: () => void;
}

interface Step {
  readonly chunks: readonly ChunkDelta[];
  readonly bytes: number;
  readonly bounds: Bounds;
  readonly companion: Companion | undefined;
}

const MOST_BYTES = 256 << 20;

/**
 * A label map that is changed step by step, each of which can be taken back. A step is what is written until `end`: a stroke of a brush, an answer of
 * a model. The oldest steps are forgotten when all together grow too large.
 */
export class LabelHistory {
  readonly mask: Uint8Array<ArrayBuffer>;
  readonly size: Triple;
  readonly #mostBytes: number;
  /** What the open step found in the chunks that it touched. */
  readonly #kept = new Map<number, Uint8Array>();
  #box: ChangedBox;
  readonly #locked = new Uint8Array(256);
  readonly #counts = new Float64Array(256);
  #done: Step[] = [];
  #undone: Step[] = [];
  #edits = 0;

  /** @param mask - `[z, y, x]` of `size`, x fastest; changed in place */
  constructor(mask: Uint8Array<ArrayBuffer>, size: Triple, mostBytes: number = MOST_BYTES) {
    this.mask = mask;
    this.size = size;
    this.#mostBytes = mostBytes;
    this.#box = new ChangedBox(size);
    const counts = this.#counts;
    for (let i = 0; i < mask.length; i++) counts[mask[i] as number] = (counts[mask[i] as number] as number) + 1;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** Grows with each change of the map. */
  get edits(): number {
    return this.#edits;
  }

  /** How many voxels have a value. */
  voxelsOf(value: number): number {
    return this.#counts[value] ?? 0;
  }

  /** Voxels of these values keep them, and no other voxel gets them; steps that are taken back and `replace` do not ask. */
  lock(values: Iterable<number>): void {
    this.#locked.fill(0);
    for (const value of values) this.#locked[value] = 1;
  }

  /** Gives the voxels of rows a value, where `accepts` does not refuse one. @returns what changed */
  paint(runs: Iterable<Run>, value: number, accepts: (voxel: number) => boolean = () => true): Bounds | undefined {
    return this.#written((box) => {
      for (const [from, to] of runs) this.#write(box, [from, to], (i) => (accepts(i) ? value : -1));
    });
  }

  /** Makes a label what a region is, within the region's box. @returns what changed */
  shape(region: Region, value: number): Bounds | undefined {
    const { mask } = this;
    return this.#over(region, (bit, i) => (bit ? value : mask[i] === value ? 0 : -1));
  }

  /** Adds a region to a label. @returns what changed */
  add(region: Region, value: number): Bounds | undefined {
    return this.#over(region, (bit) => (bit ? value : -1));
  }

  /** Cuts a region off a label. @returns what changed */
  cut(region: Region, value: number): Bounds | undefined {
    const { mask } = this;
    return this.#over(region, (bit, i) => (bit && mask[i] === value ? 0 : -1));
  }

  /** Takes another label map's values but those of what is locked, as a step of its own. */
  propose(next: Uint8Array, companion?: Companion): Bounds | undefined {
    this.end();
    const bounds = this.#take(next);
    this.end(companion);
    return bounds;
  }

  /** Takes another label map's values, all of them, as a step of its own. */
  replace(next: Uint8Array): Bounds | undefined {
    const locked = this.#locked.slice();
    this.#locked.fill(0);
    const bounds = this.propose(next);
    this.#locked.set(locked);
    return bounds;
  }

  /** Closes the step. @returns what it changed, if anything */
  end(companion?: Companion): Bounds | undefined {
    const chunks: ChunkDelta[] = [];
    for (const [chunk, before] of this.#kept) {
      const start = chunk * CHUNK;
      const delta = deltaOf(start, before, this.mask.subarray(start, start + CHUNK));
      if (delta) chunks.push(delta);
    }
    const { bounds } = this.#box;
    this.#kept.clear();
    this.#box = new ChangedBox(this.size);
    if (chunks.length === 0 || !bounds) return undefined;
    this.#done.push({ chunks, bytes: bytesOf(chunks), bounds, companion });
    this.#undone = [];
    this.#forget();
    return bounds;
  }

  undo(): Bounds | undefined {
    this.end();
    const step = this.#done.pop();
    if (!step) return undefined;
    this.#undone.push(step);
    this.#apply(step);
    step.companion?.undo();
    return step.bounds;
  }

  redo(): Bounds | undefined {
    const step = this.#undone.pop();
    if (!step) return undefined;
    this.#done.push(step);
    this.#apply(step);
    step.companion?.redo();
    return step.bounds;
  }

  #apply({ chunks }: Step): void {
    for (const chunk of chunks) applyDelta(chunk, this.mask, this.#counts);
    this.#edits++;
  }

  #take(next: Uint8Array): Bounds | undefined {
    const { mask } = this;
    const [nx] = this.size;
    return this.#written((box) => {
      for (let start = 0; start < next.length; start += nx) {
        let [first, last] = [start, start + nx];
        while (first < last && next[first] === mask[first]) first++;
        while (last > first && next[last - 1] === mask[last - 1]) last--;
        if (first < last) this.#write(box, [first, last], (i) => next[i] as number);
      }
    });
  }

  /** A region may reach over the edge of the map. */
  #over({ from, size, bits }: Region, valueAt: (bit: number, voxel: number) => number): Bounds | undefined {
    const [nx, ny, nz] = this.size;
    const [first, last] = [Math.max(0, -from[0]), Math.min(size[0], nx - from[0])];
    const [lowY, highY] = [Math.max(0, -from[1]), Math.min(size[1], ny - from[1])];
    const [lowZ, highZ] = [Math.max(0, -from[2]), Math.min(size[2], nz - from[2])];
    return this.#written((box) => {
      for (let z = lowZ; z < highZ; z++)
        for (let y = lowY; y < highY; y++) {
          const start = from[0] + nx * (y + from[1] + ny * (z + from[2]));
          const offset = size[0] * (y + size[1] * z) - start;
          this.#write(box, [start + first, start + last], (i) => valueAt(bits[i + offset] as number, i));
        }
    });
  }

  #written(write: (box: ChangedBox) => void): Bounds | undefined {
    const box = new ChangedBox(this.size);
    write(box);
    if (!box.bounds) return undefined;
    this.#box.join(box.bounds);
    this.#edits++;
    return box.bounds;
  }

  /** A row's voxels get what `valueAt` says; -1 leaves one as it is. */
  #write(box: ChangedBox, [from, to]: Run, valueAt: (i: number) => number): void {
    const { mask } = this;
    const locked = this.#locked;
    const counts = this.#counts;
    let [first, last, kept] = [-1, -1, from];
    for (let i = Math.max(0, from); i < to && i < mask.length; i++) {
      const value = valueAt(i);
      const old = mask[i] as number;
      if (value < 0 || old === value || locked[old] === 1 || locked[value] === 1) continue;
      if (i >= kept) kept = this.#keep(i);
      mask[i] = value;
      counts[old] = (counts[old] as number) - 1;
      counts[value] = (counts[value] as number) + 1;
      if (first < 0) first = i;
      last = i;
    }
    if (first >= 0) box.include(first, last);
  }

  /** @returns the first voxel of the next chunk */
  #keep(voxel: number): number {
    const chunk = Math.floor(voxel / CHUNK);
    const end = (chunk + 1) * CHUNK;
    if (!this.#kept.has(chunk)) this.#kept.set(chunk, this.mask.slice(chunk * CHUNK, end));
    return end;
  }

  #forget(): void {
    let bytes = this.#done.reduce((sum, step) => sum + step.bytes, 0);
    while (bytes > this.#mostBytes && this.#done.length > 1) bytes -= this.#done.shift()?.bytes ?? 0;
  }
}
