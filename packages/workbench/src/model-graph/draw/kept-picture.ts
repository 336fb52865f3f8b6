import type { Camera, Size } from './camera.ts';
import { INK } from './palette.ts';

/** A drawing of more boxes and lines than these is not made anew for each frame of a movement; a canvas tells no times. */
const MANY = 800;

/** The last whole drawing, shown moved and scaled while a drawing anew would take too long for a frame. */
export class KeptPicture {
  readonly #canvas = new OffscreenCanvas(1, 1);
  #camera: Camera | undefined;
  #things = 0;

  /** What was drawn, from where it was seen, and of how many boxes and lines it is. */
  keep(drawn: HTMLCanvasElement, camera: Camera, things: number): void {
    this.#things = things;
    this.#camera = camera;
    if (things <= MANY) return;
    const { width, height } = drawn;
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    this.#canvas.getContext('2d', { alpha: false, willReadFrequently: true })?.drawImage(drawn, 0, 0);
  }

  /** What is to be drawn is another. */
  forget(): void {
    this.#camera = undefined;
  }

  /** @returns false where it is as well drawn anew */
  show(surface: CanvasRenderingContext2D, { width, height }: Size, camera: Camera): boolean {
    const kept = this.#camera;
    if (!kept || this.#things <= MANY || this.#canvas.width !== width || this.#canvas.height !== height) return false;
    const scale = camera.zoom / kept.zoom;
    surface.setTransform(1, 0, 0, 1, 0, 0);
    surface.fillStyle = INK.background;
    surface.fillRect(0, 0, width, height);
    const left = (kept.x - camera.x) * camera.zoom + (width / 2) * (1 - scale);
    const top = (kept.y - camera.y) * camera.zoom + (height / 2) * (1 - scale);
    surface.drawImage(this.#canvas, left, top, width * scale, height * scale);
    return true;
  }
}
