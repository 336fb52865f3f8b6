import type { SegmentLabel } from '@vesalius/api';
import type { ViewportHost } from '../viewer/viewport-contract.ts';
import { ActiveTime } from './active-time.ts';
import { rgbOf } from './colors.ts';
import { type Draft, DraftConflict, openDraft, readMask, saveDraft } from './draft.ts';
import { type Bounds, LabelHistory } from './editing/label-history.ts';

export type SaveState = 'saved' | 'waiting' | 'saving' | 'offline' | 'conflict';

const SAVE_AFTER_MS = 2000;
const AGAIN_AFTER_MS = 5000;

/**
 * One person's work on one series: the label map with its history, shown over the series and saved as it changes. Listeners hear of everything
 * that a panel shows.
 */
export class AnnotationWork {
  readonly host: ViewportHost;
  readonly history: LabelHistory;
  draft: Draft;
  labels: readonly SegmentLabel[];
  saveState: SaveState = 'saved';
  #model: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #active = new ActiveTime();
  #edits = 0;
  #saving: Promise<void> = Promise.resolve();
  readonly #listeners = new Set<() => void>();

  constructor(
    host: ViewportHost,
    opened: { draft: Draft; mask: Uint8Array<ArrayBuffer> },
    labels: readonly SegmentLabel[],
  ) {
    this.host = host;
    this.draft = opened.draft;
    this.history = new LabelHistory(opened.mask, opened.draft.size);
    this.labels = opened.draft.segments.length > 0 ? opened.draft.segments : labels;
    this.show();
  }

  static async open(host: ViewportHost, labels: readonly SegmentLabel[]): Promise<AnnotationWork> {
    return new AnnotationWork(host, await openDraft(host.series.seriesInstanceUid), labels);
  }

  get isOpen(): boolean {
    return this.draft.state === 'draft' || this.draft.state === 'rejected';
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  show(): void {
    const labels = this.labels.map(({ value, name, color }) => ({ value, name, color: rgbOf(color), visible: true }));
    this.host.showLabels({ mask: this.history.mask, labels, opacity: 0.45 });
  }

  setLabels(labels: readonly SegmentLabel[]): void {
    this.labels = labels;
    this.show();
    this.changed();
  }

  /** Its state is another: handed in, reviewed. */
  become(draft: Draft): void {
    this.draft = draft;
    this.#tell();
  }

  /** Something of the label map is other than it was saved. */
  changed(bounds?: Bounds): void {
    if (bounds) this.host.labelsChanged(bounds);
    this.#edits++;
    if (this.saveState !== 'conflict') this.#later(SAVE_AFTER_MS, 'waiting');
    this.#tell();
  }

  /** Takes a model's label map as one step. */
  propose(mask: Uint8Array, model: string): void {
    this.#model = model;
    const bounds = this.history.replace(mask);
    if (bounds) this.changed(bounds);
  }

  /** The server's newest, in the place of what stands here; it can be taken back. */
  async takeTheirs(): Promise<void> {
    const opened = await openDraft(this.host.series.seriesInstanceUid);
    this.draft = opened.draft;
    const bounds = this.history.replace(opened.mask);
    if (bounds) this.host.labelsChanged(bounds);
    this.#to('saved');
  }

  /** Saves over the newest. */
  async keepMine(): Promise<void> {
    const { draft } = await openDraft(this.host.series.seriesInstanceUid);
    this.draft = draft;
    await this.save();
  }

  /** Saves go one after the other: each one needs the revision that the one before it made. */
  save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#saving = this.#saving.then(() => this.#saveNow());
    return this.#saving;
  }

  /** What was saved last, read again: a job of the server changed it. */
  async reload(draft: Draft): Promise<void> {
    this.propose(await readMask(draft.id), draft.model ?? '');
  }

  close(): void {
    if (this.saveState !== 'saved' && this.saveState !== 'conflict') void this.save();
    clearTimeout(this.#timer);
    this.#active.close();
    this.host.takeTool(undefined);
    this.host.showMarks([]);
    this.host.showLabels(undefined);
  }

  async #saveNow(): Promise<void> {
    this.#to('saving');
    const edits = this.#edits;
    const { seconds } = this.#active;
    try {
      const mask = Uint8Array.from(this.history.mask);
      const model = this.#model === undefined ? {} : { model: this.#model };
      this.draft = await saveDraft(this.draft, { mask, segments: this.labels, secondsSpent: seconds, ...model });
      this.#active.spend(seconds);
      if (edits === this.#edits) this.#to('saved');
      else this.#later(SAVE_AFTER_MS, 'waiting');
    } catch (error) {
      if (error instanceof DraftConflict) this.#to('conflict');
      else this.#later(AGAIN_AFTER_MS, 'offline');
    }
  }

  #later(ms: number, state: SaveState): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), ms);
    this.#to(state);
  }

  #to(state: SaveState): void {
    this.saveState = state;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
