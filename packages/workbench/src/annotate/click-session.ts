import type { Triple } from '@vesalius/volume';
import type { AnnotationWork } from './annotation-work.ts';

interface Click {
  readonly voxel: Triple;
  readonly value: number;
}

/** The clicks of one correction by an interactive model; each answer is one step of the history. */
export class ClickSession {
  readonly #work: AnnotationWork;
  readonly #model: string;
  #clicks: Click[] = [];

  constructor(work: AnnotationWork, model: string) {
    this.#work = work;
    this.#model = model;
  }

  /** @throws TypeError with the server's words */
  async add(click: Click): Promise<void> {
    const size = this.#work.draft.size;
    const voxel = click.voxel.map((v, axis) => Math.min(Math.max(0, v), (size[axis] as number) - 1));
    this.#clicks = [...this.#clicks, { ...click, voxel: voxel as unknown as Triple }];
    await this.ask();
  }

  /** With the clicks there are; without any the model proposes. */
  async ask(): Promise<void> {
    const series = this.#work.host.series.seriesInstanceUid;
    const isCorrection = this.#clicks.length > 0;
    // What the clicks correct has to be what the server knows.
    if (isCorrection && this.#work.saveState !== 'saved') await this.#work.save();
    const { draft } = this.#work;
    const answer = await fetch(`/api/models/${encodeURIComponent(this.#model)}/interaction`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        series,
        clicks: this.#clicks,
        ...(isCorrection && draft.revision > 0 && { annotation: draft.id }),
      }),
    });
    if (!answer.ok) throw new TypeError(((await answer.json()) as { title?: string }).title ?? String(answer.status));
    this.#work.propose(new Uint8Array(await answer.arrayBuffer()), this.#model);
  }
}
