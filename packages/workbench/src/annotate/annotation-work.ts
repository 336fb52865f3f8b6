import type { SegmentLabel, Standing } from '@vesalius/api';
import { api } from '../app/api.ts';
import type { ViewportHost } from '../viewer/viewport-contract.ts';
import { ActiveTime } from './active-time.ts';
import { Attendance } from './attendance.ts';
import { rgbOf } from './colors.ts';
import { type Draft, newestOf, type OpenedDraft, openDraft, readBytes, readMask, unpack } from './draft.ts';
import { DraftSaver, isSame, type SaveState } from './draft-saver.ts';
import type { Bounds } from './editing/changed-box.ts';
import { type Companion, LabelHistory } from './editing/label-history.ts';
import { forgetDraft, keptDraft } from './kept-drafts.ts';
import { type LabelLooks, USUAL_LOOKS } from './label-looks.ts';

/**
 * One person's work on one series: the label map with its history, shown over the series and saved as it changes. Listeners hear of everything
 * that a panel shows.
 */
export class AnnotationWork {
  readonly host: ViewportHost;
  readonly history: LabelHistory;
  readonly saver: DraftSaver;
  labels: readonly SegmentLabel[];
  looks: LabelLooks = USUAL_LOOKS;
  /** How this page stands among the others on the study. */
  standing: Standing | undefined;
  /** ISO 8601, UTC: when the strokes were drawn that came back from this browser. */
  restoredFrom: string | undefined;
  /** Another's label map that is shown in the place of this one. */
  shown: Draft | undefined;
  #model: string | undefined;
  #attendance: Attendance | undefined;
  readonly #active = new ActiveTime();
  readonly #listeners = new Set<() => void>();

  constructor(host: ViewportHost, { draft, mask }: OpenedDraft, labels: readonly SegmentLabel[]) {
    this.host = host;
    this.history = new LabelHistory(mask, draft.size);
    this.labels = draft.segments.length > 0 ? draft.segments : labels;
    this.saver = new DraftSaver(draft, {
      mask: () => this.history.mask.slice(),
      content: () => ({
        ...{ segments: this.labels, secondsSpent: this.#active.seconds },
        ...(this.#model !== undefined && { model: this.#model }),
      }),
      spent: (seconds) => this.#active.spend(seconds),
      tell: () => this.#tell(),
    });
    this.show();
  }

  /** @param id - of one of several own label maps of the series */
  static async open(host: ViewportHost, labels: readonly SegmentLabel[], id?: string): Promise<AnnotationWork> {
    const work = new AnnotationWork(host, await openDraft(host.series.seriesInstanceUid, id), labels);
    await work.#attend();
    return work;
  }

  get draft(): Draft {
    return this.saver.draft;
  }

  get saveState(): SaveState {
    return this.saver.state;
  }

  get isOpen(): boolean {
    return this.draft.state === 'draft' || this.draft.state === 'rejected';
  }

  /** Another page of the same person edits it. */
  get isElsewhere(): boolean {
    return this.standing?.mayEdit === false;
  }

  get mayEdit(): boolean {
    return !this.isElsewhere && this.shown === undefined;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  show(): void {
    if (this.shown !== undefined) return;
    const { hidden, opacity } = this.looks;
    const labels = this.labels.map(({ value, name, color }) => ({
      ...{ value, name, color: rgbOf(color), visible: !hidden.has(value) },
    }));
    this.host.showLabels({ mask: this.history.mask, labels, opacity });
  }

  /** Shows another's label map as it is saved; without one the own again. */
  async lookAt(other?: Draft): Promise<void> {
    const mask = other && (await readMask(other.id));
    this.shown = other;
    this.show();
    const labels = other?.segments.map(({ value, name, color }) => ({
      ...{ value, name, color: rgbOf(color), visible: true },
    }));
    if (mask && labels) this.host.showLabels({ mask, labels, opacity: this.looks.opacity });
    this.#tell();
  }

  setLooks(looks: LabelLooks): void {
    this.looks = looks;
    this.history.lock(looks.locked);
    this.show();
    this.#tell();
  }

  setLabels(labels: readonly SegmentLabel[]): void {
    this.labels = labels;
    this.show();
    this.changed();
  }

  /** Its state is another: handed in, reviewed. */
  become(draft: Draft): void {
    this.saver.draft = draft;
    this.#tell();
  }

  /** Something of the label map is other than it was saved. */
  changed(bounds?: Bounds): void {
    if (bounds) this.host.labelsChanged(bounds);
    this.saver.changed();
    this.#tell();
  }

  /** Takes a model's label map, or another's, as one step, but where a label is locked. */
  propose(mask: Uint8Array, model?: string, companion?: Companion): void {
    this.#model = model ?? this.#model;
    const bounds = this.history.propose(mask, companion);
    if (bounds) this.changed(bounds);
  }

  /** One label map of those that were handed in, as one step. */
  async takeConsensus(method: string, labels: readonly SegmentLabel[]): Promise<void> {
    const mask = await readBytes(`/api/series/${this.host.series.seriesInstanceUid}/consensus?method=${method}`);
    this.setLabels(labels);
    this.propose(mask);
  }

  /** The server's newest, in the place of what stands here; it can be taken back. */
  async takeTheirs(): Promise<void> {
    this.#replace(await newestOf(this.draft));
    await this.saver.settle(this.draft);
  }

  /** What stands here becomes a label map of its own, besides theirs. */
  async keepMine(): Promise<void> {
    const body = { series: this.host.series.seriesInstanceUid, further: true };
    const draft = await api.call('openAnnotation', { body });
    await this.saver.moveTo(draft);
    await this.#attend();
  }

  /** The other page looks on from now on. */
  async takeOver(): Promise<void> {
    await this.#attendance?.takeOver();
  }

  save(): Promise<void> {
    return this.saver.save();
  }

  /** What was saved last, read again: a job of the server changed it. */
  async reload(draft: Draft): Promise<void> {
    this.propose(await readMask(draft.id), draft.model ?? '');
  }

  close(): void {
    this.saver.close();
    this.#attendance?.close();
    this.#active.close();
    this.host.takeTool(undefined);
    this.host.showMarks([]);
    this.host.showLabels(undefined);
  }

  async #attend(): Promise<void> {
    this.#attendance?.close();
    this.#attendance = new Attendance(this.draft.id, (standing) => this.#stand(standing));
    this.standing = await this.#attendance.begin();
    if (!this.isElsewhere) await this.#restore();
    this.#tell();
  }

  #stand(standing: Standing): void {
    const [did, may] = [!this.isElsewhere, standing.mayEdit];
    this.standing = standing;
    this.#tell();
    // Who looks on from now on hands over what is not saved yet.
    if (did && !may && (this.saveState === 'waiting' || this.saveState === 'offline')) void this.save();
    void this.saver.afterSaves(() => this.#catchUp(standing, !did && may).catch(() => undefined));
  }

  /** Follows what another page saved, and what became of it, unless there is work of this page that is not saved. */
  async #catchUp({ annotation }: Standing, begins: boolean): Promise<void> {
    const { revision, state } = annotation;
    const isBehind = revision > this.draft.revision || (revision === this.draft.revision && state !== this.draft.state);
    const { edits } = this.saver;
    if (this.saveState === 'saved' && isBehind) {
      const newest = await newestOf(this.draft);
      if (edits === this.saver.edits) this.#replace(newest);
    }
    if (begins) await this.#restore();
    this.#tell();
  }

  #replace({ draft, mask }: OpenedDraft): void {
    this.saver.draft = draft;
    if (draft.segments.length > 0) this.labels = draft.segments;
    this.show();
    const bounds = this.history.replace(mask);
    if (bounds) this.host.labelsChanged(bounds);
  }

  /** Strokes that this browser kept when a page could not save them any more. */
  async #restore(): Promise<void> {
    const kept = await keptDraft(this.draft.id).catch(() => undefined);
    if (!kept || this.saveState !== 'saved') return;
    const mask = await unpack(kept.gzip);
    const newest = { draft: this.draft, mask: this.history.mask.slice() };
    if (isSame(newest, mask, kept.content)) return await forgetDraft(this.draft.id);
    this.restoredFrom = kept.at;
    this.#replace({ draft: { ...newest.draft, revision: kept.revision, segments: [...kept.content.segments] }, mask });
    if (kept.revision === newest.draft.revision && this.isOpen) this.changed();
    else this.saver.conflict(newest.draft);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
