import { VesaliusError } from '@vesalius/errors';
import type { SeriesSlice, ViewerSeries } from '../study/viewer-series.ts';
import { decodeImageFrame } from './decode-image-frame.ts';
import type { ImageFrame } from './image-frame.ts';

/** A browser opens six connections to a server; one stays free for the rest of the page. */
const AT_ONCE = 5;
const DEFAULT_KEEP_BYTES = 1 << 30;
const ACCEPT = 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1';

/** The frames of a series as they arrive: nearest to the one wanted first, within bounds of memory. */
export class FrameStore {
  readonly #series: ViewerSeries;
  readonly #keepBytes: number;
  readonly #frames = new Map<number, ImageFrame>();
  readonly #failed = new Map<number, unknown>();
  readonly #underWay = new Map<number, AbortController>();
  readonly #listeners = new Set<(index: number) => void>();
  #wanted = 0;
  #bytes = 0;
  #closed = false;

  constructor(series: ViewerSeries, keepBytes = DEFAULT_KEEP_BYTES) {
    this.#series = series;
    this.#keepBytes = keepBytes;
  }

  get(index: number): ImageFrame | undefined {
    return this.#frames.get(index);
  }

  /** Why a frame cannot be shown; undefined while it may come. */
  failure(index: number): unknown {
    return this.#failed.get(index);
  }

  get loaded(): number {
    return this.#frames.size;
  }

  /** Loads this frame next and those around it after. */
  want(index: number): void {
    this.#wanted = index;
    this.#pump();
  }

  /** @returns how to end it */
  onFrame(listener: (index: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Frames from `first` on, as soon as all are here. @throws what one of them failed with, LIMIT_EXCEEDED beyond what is kept */
  async all(first: number, count: number, signal?: AbortSignal): Promise<ImageFrame[]> {
    const frames: ImageFrame[] = [];
    for (let i = first; i < first + count; i++) frames.push(await this.#arrival(i, signal));
    return frames;
  }

  close(): void {
    this.#closed = true;
    for (const controller of this.#underWay.values()) controller.abort();
    this.#frames.clear();
    this.#listeners.clear();
  }

  #arrival(index: number, signal?: AbortSignal): Promise<ImageFrame> {
    const { promise, resolve, reject } = Promise.withResolvers<ImageFrame>();
    const look = () => {
      const frame = this.#frames.get(index);
      if (frame) resolve(frame);
      else if (this.#failed.has(index)) reject(this.#failed.get(index));
    };
    look();
    const end = this.onFrame((arrived) => arrived === index && look());
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    this.#pump();
    return promise.finally(end);
  }

  #pump(): void {
    while (!this.#closed && this.#underWay.size < AT_ONCE) {
      const next = this.#next();
      if (next === undefined) return;
      void this.#load(next);
    }
  }

  /** The nearest that is missing; none where nothing nearer than what is kept would go. */
  #next(): number | undefined {
    const { length } = this.#series.slices;
    for (let away = 0; away < length; away++) {
      for (const index of away === 0 ? [this.#wanted] : [this.#wanted + away, this.#wanted - away]) {
        if (index < 0 || index >= length || this.#frames.has(index)) continue;
        if (this.#failed.has(index) || this.#underWay.has(index)) continue;
        return this.#bytes < this.#keepBytes || this.#drop(away) ? index : undefined;
      }
    }
    return undefined;
  }

  /** Lets go the frame farthest from the one wanted, if it is farther than the one to come. */
  #drop(away: number): boolean {
    let farthest = -1;
    for (const index of this.#frames.keys())
      if (farthest < 0 || Math.abs(index - this.#wanted) > Math.abs(farthest - this.#wanted)) farthest = index;
    if (farthest < 0 || Math.abs(farthest - this.#wanted) <= away) return false;
    this.#bytes -= this.#frames.get(farthest)?.values.byteLength ?? 0;
    return this.#frames.delete(farthest);
  }

  async #load(index: number): Promise<void> {
    const controller = new AbortController();
    this.#underWay.set(index, controller);
    try {
      const frame = await fetchFrame(this.#series, this.#series.slices[index] as SeriesSlice, controller.signal);
      if (this.#closed) return;
      this.#frames.set(index, frame);
      this.#bytes += frame.values.byteLength;
    } catch (error) {
      if (this.#closed) return;
      this.#failed.set(index, error);
    } finally {
      this.#underWay.delete(index);
    }
    for (const listener of [...this.#listeners]) listener(index);
    this.#pump();
  }
}

async function fetchFrame(series: ViewerSeries, slice: SeriesSlice, signal: AbortSignal): Promise<ImageFrame> {
  const { studyInstanceUid, seriesInstanceUid } = series;
  const place = `studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${slice.sopInstanceUid}`;
  const response = await fetch(`/dicom-web/${place}/frames/${slice.frame + 1}`, {
    headers: { accept: ACCEPT },
    signal,
  });
  if (!response.ok) throw new VesaliusError('PEER_REFUSED', { what: 'frame', got: response.status });
  return decodeImageFrame(slice.dataSet, slice.frame, new Uint8Array(await response.arrayBuffer()));
}
