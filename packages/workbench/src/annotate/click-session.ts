import type { Triple } from '@vesalius/volume';
import type { AnnotationWork } from './annotation-work.ts';
import type { SaveState } from './draft-saver.ts';
import type { Click } from './tools/tool.ts';

const LOST: readonly SaveState[] = ['offline', 'signedOut', 'refused', 'conflict'];

/**
 * The clicks of one correction by an interactive model; each answer is one step of the history, and its clicks go away and come back with it. One
 * request is under way at a time: what is clicked meanwhile goes with the next. An answer to what is no longer so is dropped.
 */
export class ClickSession {
  readonly #work: AnnotationWork;
  readonly #model: string;
  readonly #told: (() => void) | undefined;
  /** All, also those that wait for an answer. */
  clicks: readonly Click[] = [];
  #answered: readonly Click[] = [];
  #waiting: readonly Click[] = [];
  #asking: Promise<void> | undefined;
  readonly #closing = new AbortController();

  /** @param told - hears that the clicks are others */
  constructor(work: AnnotationWork, model: string, told?: () => void) {
    this.#work = work;
    this.#model = model;
    this.#told = told;
  }

  /** @throws TypeError with the server's words; clicks without an answer are forgotten then */
  add(clicks: readonly Click[]): Promise<void> {
    const { size } = this.#work.draft;
    const inside = ({ voxel, value }: Click): Click => ({
      voxel: voxel.map((v, axis) => Math.min(Math.max(0, v), (size[axis] as number) - 1)) as unknown as Triple,
      value,
    });
    this.#become(this.#answered, [...this.#waiting, ...clicks.map(inside)]);
    this.#asking ??= this.#askAll().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** Without any click the model proposes. */
  async propose(): Promise<void> {
    const mask = await this.#request([]);
    this.#work.propose(mask, this.#model);
  }

  /** What is under way has no answer. */
  close(): void {
    this.#closing.abort();
  }

  async #askAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#askOnce();
    } catch (error) {
      this.#become(this.#answered, []);
      if (!this.#closing.signal.aborted) throw error;
    }
  }

  /** With the clicks there are; what came in between, by hand or by undo, makes the answer void and is asked with again. */
  async #askOnce(): Promise<void> {
    const { history } = this.#work;
    // What the clicks correct has to be what the server knows.
    if (this.#work.saveState !== 'saved') await this.#work.save();
    // The line of the draft says why it cannot be.
    if (LOST.includes(this.#work.saveState)) return this.#become(this.#answered, []);
    // Something was drawn or taken back during the save.
    if (this.#work.saveState !== 'saved') return;
    const [before, asked] = [this.#answered, this.#waiting];
    const clicks = [...before, ...asked];
    const { edits } = history;
    const mask = await this.#request(clicks);
    if (edits !== history.edits) return;
    this.#become(clicks, this.#waiting.slice(asked.length));
    this.#work.propose(mask, this.#model, {
      undo: () => this.#become(before, this.#waiting),
      redo: () => this.#become(clicks, this.#waiting),
    });
    // The next click goes out at once when the server has this answer already.
    if (this.#waiting.length === 0) void this.#work.save();
  }

  #become(answered: readonly Click[], waiting: readonly Click[]): void {
    [this.#answered, this.#waiting] = [answered, waiting];
    this.clicks = [...answered, ...waiting];
    this.#told?.();
  }

  async #request(clicks: readonly Click[]): Promise<Uint8Array> {
    const { draft, host } = this.#work;
    const answer = await fetch(`/api/models/${encodeURIComponent(this.#model)}/interaction`, {
      method: 'POST',
      signal: this.#closing.signal,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        series: host.series.seriesInstanceUid,
        clicks,
        ...(clicks.length > 0 && draft.revision > 0 && { annotation: draft.id }),
      }),
    });
    if (!answer.ok) throw new TypeError(((await answer.json()) as { title?: string }).title ?? String(answer.status));
    return new Uint8Array(await answer.arrayBuffer());
  }
}
