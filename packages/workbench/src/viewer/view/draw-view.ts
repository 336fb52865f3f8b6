import type { Triple } from '@vesalius/volume';
import { blendOver } from '../slices/blend-over.ts';
import { paintGrey } from '../slices/paint-grey.ts';
import { paintHeat } from '../slices/paint-heat.ts';
import { paintLabels } from '../slices/paint-labels.ts';
import { type PlaneLayout, pixelToVoxel } from '../slices/plane-layout.ts';
import { readPlane } from '../slices/read-plane.ts';
import type { LabelLayer } from '../viewport-contract.ts';
import { type Camera, cameraMatrix, type Matrix2d } from './camera.ts';
import { drawMarks } from './draw-marks.ts';
import type { ViewModel } from './view-model.ts';

/** One above the other: pixels of the plane, smoothed and not, and lines in pixels of the screen. */
export interface PlaneCanvases {
  readonly picture: HTMLCanvasElement;
  readonly overlays: HTMLCanvasElement;
  readonly marks: HTMLCanvasElement;
}

/** Pixels of a plane, and what they show. */
interface Layer {
  readonly image: ImageData;
  readonly pixels: Uint32Array;
  key: string;
}

export function shownSlice({ state }: ViewModel, { axis, slices }: PlaneLayout): number {
  return Math.min(slices - 1, Math.max(0, Math.round(state.voxel[axis])));
}

/**
 * Paints one plane of a series; slices, label maps and heat maps are painted again only when they changed. The page itself scales them:
 * a canvas that scales is two to three times as slow where no graphics card draws.
 */
export class PlanePainter {
  readonly #model: ViewModel;
  readonly layout: PlaneLayout;
  readonly #canvases: PlaneCanvases;
  readonly #layers = new Map<string, Layer>();
  #overlaid = '';
  #marked = true;

  constructor(model: ViewModel, layout: PlaneLayout, canvases: PlaneCanvases) {
    this.#model = model;
    this.layout = layout;
    this.#canvases = canvases;
  }

  get slice(): number {
    return shownSlice(this.#model, this.layout);
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
  paint(camera: Camera): boolean {
    const { picture, overlays, marks } = this.#canvases;
    const matrix = cameraMatrix(camera, this.layout, [marks.width, marks.height]);
    picture.hidden = !this.#paintImage();
    overlays.hidden = !this.#paintOverlays();
    for (const { style } of [picture, overlays])
      style.transform = `matrix(${matrix.map((value) => value / devicePixelRatio).join()})`;
    this.#paintMarks(matrix);
    return !picture.hidden;
  }

  #paintMarks(matrix: Matrix2d): void {
    const { crosshairs, measurements, marks } = this.#model.state;
    const isMarked = crosshairs || measurements.length > 0 || marks.length > 0;
    if (!isMarked && !this.#marked) return;
    const { width, height } = this.#canvases.marks;
    const context = contextOf(this.#canvases.marks);
    context.clearRect(0, 0, width, height);
    drawMarks(context, { model: this.#model, layout: this.layout, slice: this.slice, matrix });
    this.#marked = isMarked;
    // An empty one is not laid over the picture in every frame.
    this.#canvases.marks.hidden = !isMarked;
  }

  #paintImage(): boolean {
    const { state, frames } = this.#model;
    const layer = this.#layer('image');
    const { window = { center: 0.5, width: 1 }, invert, time } = state;
    // A slice across is made of all frames, which come one by one.
    const arrived = this.layout.axis === 2 ? '' : frames.loaded;
    const key = `${this.slice} ${time} ${window.center} ${window.width} ${invert} ${arrived}`;
    if (layer.key === key) return true;
    const values = readPlane({ layout: this.layout, slice: this.slice, frameAt: this.#model.frameAt });
    if (!values || (values.length !== layer.pixels.length && !(values instanceof Uint8ClampedArray))) return false;
    if (values instanceof Uint8ClampedArray) layer.image.data.set(values.subarray(0, layer.image.data.length));
    else paintGrey(values, layer.pixels, { window, invert });
    layer.key = key;
    contextOf(this.#canvases.picture, { alpha: false }).putImageData(layer.image, 0, 0);
    return true;
  }

  #paintOverlays(): boolean {
    const layers = this.#overlayLayers();
    const key = layers.map((layer) => layer.key).join('|');
    if (layers.length === 0 || key === this.#overlaid) return layers.length > 0;
    const [only] = layers;
    const image = layers.length === 1 && only ? only.image : this.#blended(layers).image;
    contextOf(this.#canvases.overlays).putImageData(image, 0, 0);
    this.#overlaid = key;
    return true;
  }

  #blended(layers: readonly Layer[]): Layer {
    const all = this.#layer('all');
    all.pixels.fill(0);
    for (const { pixels } of layers) blendOver(all.pixels, pixels);
    return all;
  }

  #overlayLayers(): Layer[] {
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
    const key = `${name} ${this.slice} ${this.#model.state.labelRevision}`;
    if (layer.key === key) return layer;
    paintLabels(layer.pixels, { layer: labels, layout: this.layout, size, slice: this.slice });
    layer.key = key;
    return layer;
  }

  #paintHeat(size: Triple): Layer {
    const layer = this.#layer('heat');
    const { heat } = this.#model.state;
    const key = `heat ${this.slice} ${heat?.label} ${heat?.map} ${heat?.opacity} ${heat?.low} ${heat?.high}`;
    if (!heat || layer.key === key) return layer;
    const values = new Float32Array(layer.pixels.length);
    for (let row = 0, i = 0; row < this.layout.rows; row++) {
      for (let column = 0; column < this.layout.columns; column++) {
        const [x, y, z] = pixelToVoxel(this.layout, [column, row], this.slice);
        values[i++] = heat.values[x + size[0] * (y + size[1] * z)] as number;
      }
    }
    paintHeat(values, layer.pixels, heat);
    layer.key = key;
    return layer;
  }

  #layer(name: string): Layer {
    const known = this.#layers.get(name);
    if (known) return known;
    const image = new ImageData(this.layout.columns, this.layout.rows);
    const layer: Layer = { image, pixels: new Uint32Array(image.data.buffer), key: '' };
    this.#layers.set(name, layer);
    return layer;
  }
}

function contextOf(canvas: HTMLCanvasElement, settings?: CanvasRenderingContext2DSettings): CanvasRenderingContext2D {
  return canvas.getContext('2d', settings) as CanvasRenderingContext2D;
}
