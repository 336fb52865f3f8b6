import type { Triple } from '@vesalius/volume';
import { paintGrey } from '../slices/paint-grey.ts';
import { paintHeat } from '../slices/paint-heat.ts';
import { paintLabels } from '../slices/paint-labels.ts';
import { type PlaneLayout, pixelToVoxel } from '../slices/plane-layout.ts';
import { readPlane } from '../slices/read-plane.ts';
import type { LabelLayer } from '../viewport-contract.ts';
import { type Camera, cameraMatrix, type Matrix2d } from './camera.ts';
import { drawMarks } from './draw-marks.ts';
import type { ViewModel } from './view-model.ts';

/** Pixels of a plane on their way to the canvas. */
interface Layer {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
  readonly image: ImageData;
  readonly pixels: Uint32Array;
  key: string;
}

/** Paints one plane of a series; slices, label maps and heat maps are painted again only when they changed. */
export class PlanePainter {
  readonly #model: ViewModel;
  readonly layout: PlaneLayout;
  readonly #layers = new Map<string, Layer>();

  constructor(model: ViewModel, layout: PlaneLayout) {
    this.#model = model;
    this.layout = layout;
  }

  get slice(): number {
    return Math.min(this.layout.slices - 1, Math.max(0, Math.round(this.#model.state.voxel[this.layout.axis])));
  }

  /** What the picture depends on; the same parts mean the same picture. */
  parts(): readonly unknown[] {
    const { state, frames } = this.#model;
    const { time, window, invert, crosshairs, voxel, measurements, marks, labels, shownLabels, heat, labelRevision } =
      state;
    const arrived = this.layout.axis === 2 ? frames.get(this.#model.indexOf(this.slice)) : frames.loaded;
    const lines = crosshairs ? voxel : undefined;
    const layers = [labels, shownLabels, heat, labelRevision];
    return [this.slice, arrived, time, window, invert, lines, measurements, marks, ...layers];
  }

  /** @returns false where there is nothing to show yet. */
  paint(context: CanvasRenderingContext2D, camera: Camera): boolean {
    const { width, height } = context.canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    const matrix = cameraMatrix(camera, this.layout, [width, height]);
    const shown = this.#paintImage();
    if (shown) this.#put(context, shown, matrix, true);
    for (const layer of this.#paintOverlays()) this.#put(context, layer, matrix, false);
    drawMarks(context, { model: this.#model, layout: this.layout, slice: this.slice, matrix });
    return shown !== undefined;
  }

  #put(context: CanvasRenderingContext2D, layer: Layer, matrix: Matrix2d, smooth: boolean): void {
    context.imageSmoothingEnabled = smooth;
    context.setTransform(...matrix);
    context.drawImage(layer.canvas, 0, 0);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  #paintImage(): Layer | undefined {
    const { state, frames } = this.#model;
    const layer = this.#layer('image');
    const { window = { center: 0.5, width: 1 }, invert, time } = state;
    // A slice across is made of all frames, which come one by one.
    const arrived = this.layout.axis === 2 ? '' : frames.loaded;
    const key = `${this.slice} ${time} ${window.center} ${window.width} ${invert} ${arrived}`;
    if (layer.key === key) return layer;
    const values = readPlane({ layout: this.layout, slice: this.slice, frameAt: this.#model.frameAt });
    if (!values || (values.length !== layer.pixels.length && !(values instanceof Uint8ClampedArray))) return undefined;
    if (values instanceof Uint8ClampedArray) layer.image.data.set(values.subarray(0, layer.image.data.length));
    else paintGrey(values, layer.pixels, { window, invert });
    return this.#done(layer, key);
  }

  #paintOverlays(): Layer[] {
    const { series, state } = this.#model;
    const size = series.grid?.size;
    if (!size) return [];
    const layers: Layer[] = [];
    const maps = [...state.shownLabels, ...(state.labels ? [state.labels] : [])];
    if (state.heat) layers.push(this.#paintHeat(size));
    for (const [i, labels] of maps.entries()) layers.push(this.#paintLabels(`labels${i}`, labels, size));
    return layers;
  }

  #paintLabels(name: string, labels: LabelLayer, size: Triple): Layer {
    const layer = this.#layer(name);
    const key = `${this.slice} ${this.#model.state.labelRevision}`;
    if (layer.key === key) return layer;
    paintLabels(layer.pixels, { layer: labels, layout: this.layout, size, slice: this.slice });
    return this.#done(layer, key);
  }

  #paintHeat(size: Triple): Layer {
    const layer = this.#layer('heat');
    const { heat } = this.#model.state;
    const key = `${this.slice} ${heat?.label} ${heat?.map} ${heat?.opacity} ${heat?.low} ${heat?.high}`;
    if (!heat || layer.key === key) return layer;
    const values = new Float32Array(layer.pixels.length);
    for (let row = 0, i = 0; row < this.layout.rows; row++) {
      for (let column = 0; column < this.layout.columns; column++) {
        const [x, y, z] = pixelToVoxel(this.layout, [column, row], this.slice);
        values[i++] = heat.values[x + size[0] * (y + size[1] * z)] as number;
      }
    }
    paintHeat(values, layer.pixels, heat);
    return this.#done(layer, key);
  }

  #done(layer: Layer, key: string): Layer {
    layer.context.putImageData(layer.image, 0, 0);
    layer.key = key;
    return layer;
  }

  #layer(name: string): Layer {
    const known = this.#layers.get(name);
    if (known) return known;
    const canvas = new OffscreenCanvas(this.layout.columns, this.layout.rows);
    const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
    const image = context.createImageData(canvas.width, canvas.height);
    const layer: Layer = { canvas, context, image, pixels: new Uint32Array(image.data.buffer), key: '' };
    this.#layers.set(name, layer);
    return layer;
  }
}
