import type { Triple } from '@vesalius/volume';

/** Voxels from `from` to `to`, both inside. */
export interface Bounds {
  readonly from: Triple;
  readonly to: Triple;
}

/** Grows around rows of voxels that changed. */
export class ChangedBox {
  readonly #size: Triple;
  #from = [Infinity, Infinity, Infinity] as [number, number, number];
  #to = [-1, -1, -1] as [number, number, number];

  constructor(size: Triple) {
    this.#size = size;
  }

  get bounds(): Bounds | undefined {
    return this.#to[0] < 0 ? undefined : { from: this.#from, to: this.#to };
  }

  /** Voxels of one row, by their places in the map, both inside. */
  include(first: number, last: number): void {
    const [nx, ny] = this.#size;
    const row = Math.floor(first / nx);
    const [x, y, z] = [first - row * nx, row % ny, Math.floor(row / ny)];
    this.#from = [Math.min(this.#from[0], x), Math.min(this.#from[1], y), Math.min(this.#from[2], z)];
    this.#to = [Math.max(this.#to[0], x + last - first), Math.max(this.#to[1], y), Math.max(this.#to[2], z)];
  }

  join({ from, to }: Bounds): void {
    this.#from = [Math.min(this.#from[0], from[0]), Math.min(this.#from[1], from[1]), Math.min(this.#from[2], from[2])];
    this.#to = [Math.max(this.#to[0], to[0]), Math.max(this.#to[1], to[1]), Math.max(this.#to[2], to[2])];
  }
}
