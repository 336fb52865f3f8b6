import { SIZE } from './pictures.ts';

type Colour = readonly [number, number, number];

const LESION: Colour = [255, 138, 61];

/** Shows one slice of a batch: the image in grey, and over it, where it is given, a mask in colour. */
export function drawPicture(canvas: HTMLCanvasElement, image: Float32Array, mask?: Float32Array): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const pixels = context.createImageData(SIZE, SIZE);
  for (let p = 0; p < SIZE * SIZE; p++) {
    const grey = Math.min(255, Math.max(0, (image[p] as number) * 240));
    const share = mask ? 0.85 * (mask[p] as number) : 0;
    for (const [c, colour] of LESION.entries()) pixels.data[p * 4 + c] = grey * (1 - share) + colour * share;
    pixels.data[p * 4 + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}
