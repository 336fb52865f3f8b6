import type { Triple } from '@vesalius/volume';
import { FrameStore } from '../frames/frame-store.ts';
import type { ImageFrame } from '../frames/image-frame.ts';
import type { Measurement, MeasurementKind } from '../measure/measurement.ts';
import type { HeatOverlay } from '../overlays/overlay.ts';
import { firstWindow, storedWindow, type Window, type WindowPreset, windowOfPreset } from '../slices/window.ts';
import type { ViewerSeries } from '../study/viewer-series.ts';
import type { LabelLayer, PlaneName, ToolMark, ViewTool } from '../viewport-contract.ts';

export type PointerTool = 'window' | 'pan' | 'zoom' | 'crosshairs' | MeasurementKind;

/** What all views of a series show together. */
export interface ViewState {
  readonly voxel: Triple;
  readonly time: number;
  readonly playing: boolean;
  /** Until a first frame says. */
  readonly window: Window | undefined;
  readonly invert: boolean;
  readonly tool: PointerTool;
  readonly crosshairs: boolean;
  readonly active: { readonly plane: PlaneName; readonly axis: 0 | 1 | 2 };
  readonly measurements: readonly Measurement[];
  readonly labels: LabelLayer | undefined;
  /** Label maps of the archive's objects. */
  readonly shownLabels: readonly LabelLayer[];
  readonly heat: HeatOverlay | undefined;
  /** Rises when bytes or colours of a label map change. */
  readonly labelRevision: number;
  readonly marks: readonly ToolMark[];
  readonly taken: ViewTool | undefined;
}

/** The state of the views of one series, and its frames. */
export class ViewModel {
  readonly series: ViewerSeries;
  readonly frames: FrameStore;
  readonly #listeners = new Set<() => void>();
  #state: ViewState;

  constructor(series: ViewerSeries) {
    this.series = series;
    this.frames = new FrameStore(series);
    const middle = ([columns, rows, slices]: Triple): Triple => [columns >> 1, rows >> 1, slices >> 1];
    this.#state = {
      voxel: series.grid ? middle(series.grid.size) : [0, 0, 0],
      time: 0,
      playing: false,
      window: undefined,
      invert: false,
      tool: 'window',
      crosshairs: false,
      active: { plane: 'axial', axis: 2 },
      measurements: [],
      labels: undefined,
      shownLabels: [],
      heat: undefined,
      labelRevision: 0,
      marks: [],
      taken: undefined,
    };
    this.frames.onFrame((index) => this.#arrived(index));
    this.frames.want(this.indexOf(this.#state.voxel[2]));
  }

  get state(): ViewState {
    return this.#state;
  }

  /** Slices of one time point. */
  get slices(): number {
    return this.series.slices.length / this.series.timePoints;
  }

  indexOf(z: number): number {
    return this.#state.time * this.slices + Math.min(this.slices - 1, Math.max(0, Math.round(z)));
  }

  readonly frameAt = (z: number): ImageFrame | undefined => this.frames.get(this.indexOf(z));

  valueAt(voxel: Triple): number | undefined {
    const [x, y, z] = voxel;
    const frame = this.frameAt(z);
    if (!frame || frame.isColor || x < 0 || y < 0 || x >= frame.columns || y >= frame.rows) return undefined;
    return frame.values[y * frame.columns + x];
  }

  readonly update = (changes: Partial<ViewState>): void => {
    this.#state = { ...this.#state, ...changes };
    if (changes.voxel || changes.time !== undefined) this.frames.want(this.indexOf(this.#state.voxel[2]));
    this.#tell();
  };

  /** By the slice that is seen. */
  readonly applyPreset = (preset: WindowPreset): void => {
    const index = this.indexOf(this.#state.voxel[2]);
    const [frame, slice] = [this.frames.get(index), this.series.slices[index]];
    if (!frame || frame.isColor || !slice) return;
    const values = frame.values as Int16Array | Float32Array;
    const window = windowOfPreset(preset, { values, stored: storedWindow(slice.dataSet, slice.frame) });
    if (window) this.update({ window });
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Moves by slices across an axis. */
  step(axis: 0 | 1 | 2, by: number): void {
    const most = axis === 2 ? this.slices : (this.series.grid?.size[axis] ?? 1);
    const voxel: [number, number, number] = [...this.#state.voxel];
    voxel[axis] = Math.min(most - 1, Math.max(0, Math.round(voxel[axis]) + by));
    this.update({ voxel });
  }

  close(): void {
    this.frames.close();
    this.#listeners.clear();
  }

  #arrived(index: number): void {
    const frame = this.frames.get(index);
    if (frame && !frame.isColor && this.#state.window === undefined) {
      const slice = this.series.slices[index];
      const values = frame.values as Int16Array | Float32Array;
      const window = (slice && storedWindow(slice.dataSet, slice.frame)) ?? firstWindow(this.series.modality, values);
      const invert = slice?.dataSet.string('PhotometricInterpretation') === 'MONOCHROME1';
      this.#state = { ...this.#state, window, invert };
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
