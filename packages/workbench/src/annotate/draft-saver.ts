import { ApiRefusal } from '@vesalius/api';
import { wordsOf } from '../app/api.ts';
import { connection } from '../app/connection.ts';
import { type Draft, type DraftContent, newestOf, type OpenedDraft, pack, saveDraft } from './draft.ts';
import { forgetDraft, keepDraft } from './kept-drafts.ts';

export type SaveState = 'saved' | 'waiting' | 'saving' | 'offline' | 'signedOut' | 'refused' | 'conflict';

/** What is to be saved, as it is now. */
export interface DraftSource {
  /** A copy. */
  readonly mask: () => Uint8Array<ArrayBuffer>;
  readonly content: () => DraftContent;
  /** These were saved. */
  readonly spent: (seconds: number) => void;
  /** The state is another. */
  readonly tell: () => void;
}

const KEEP_AFTER_MS = 500;
const SAVE_AFTER_MS = 2000;
const FIRST_AGAIN_MS = 3000;
const LAST_AGAIN_MS = 60_000;
/** What a wait may cure: too slow, too many, the server's own trouble. */
const PASSES = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/**
 * Brings a draft to the server as it changes: one save after the other, each over the revision that the one before it made. What the server
 * does not have yet is kept in this browser.
 */
export class DraftSaver {
  draft: Draft;
  state: SaveState = 'saved';
  /** Why the server refused. */
  problem = '';
  /** Of a conflict: what came between. */
  theirs: Draft | undefined;
  /** The browser does not keep it: closing the page loses it. */
  isUnsafe = false;
  readonly #source: DraftSource;
  readonly #endListening: () => void;
  #edits = 0;
  #againMs = FIRST_AGAIN_MS;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #keepTimer: ReturnType<typeof setTimeout> | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor(draft: Draft, source: DraftSource) {
    this.draft = draft;
    this.#source = source;
    this.#endListening = connection.subscribe(() => {
      if (this.state === 'offline' && !connection.isLost()) void this.save();
    });
    addEventListener('beforeunload', this.#onLeaving);
  }

  get edits(): number {
    return this.#edits;
  }

  changed(): void {
    this.#edits++;
    this.#keepTimer ??= setTimeout(() => void this.#keep(), KEEP_AFTER_MS);
    if (this.state === 'saved' || this.state === 'waiting') this.#later(SAVE_AFTER_MS, 'waiting');
  }

  save(): Promise<void> {
    clearTimeout(this.#saveTimer);
    return this.afterSaves(() => this.#saveNow());
  }

  /** One thing after the other. */
  afterSaves(act: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(act);
    return this.#queue;
  }

  /** What stands at the server is what stands here. */
  async settle(draft: Draft): Promise<void> {
    this.draft = draft;
    clearTimeout(this.#saveTimer);
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
    this.#to('saved');
    await this.#forget(draft.id);
  }

  /** What stands here is to become another draft. */
  async moveTo(draft: Draft): Promise<void> {
    const left = this.draft.id;
    this.draft = draft;
    this.#edits++;
    await this.#keep();
    await this.#forget(left);
    await this.save();
  }

  /** Another save came between, or it is handed in by now. */
  conflict(theirs: Draft): void {
    clearTimeout(this.#saveTimer);
    this.theirs = theirs;
    this.#to('conflict');
  }

  close(): void {
    if (this.#keepTimer !== undefined) void this.#keep();
    if (this.state === 'waiting' || this.state === 'offline') void this.save().then(() => this.#end());
    else this.#end();
  }

  #end(): void {
    clearTimeout(this.#saveTimer);
    this.#endListening();
    removeEventListener('beforeunload', this.#onLeaving);
  }

  async #saveNow(): Promise<void> {
    this.#to('saving');
    const edits = this.#edits;
    const content = this.#source.content();
    const mask = this.#source.mask();
    try {
      this.draft = await saveDraft(this.draft, content, await pack(mask));
      await this.#saved(edits, content);
    } catch (error) {
      if (!(error instanceof ApiRefusal) || PASSES(error.answer.status)) this.#again();
      else if (error.answer.status === 412) await this.#onConflict({ edits, content, mask });
      else if (error.answer.status === 401) this.#to('signedOut');
      else this.#to('refused', wordsOf(error));
    }
  }

  async #saved(edits: number, { secondsSpent }: DraftContent): Promise<void> {
    this.#source.spent(secondsSpent);
    this.#againMs = FIRST_AGAIN_MS;
    if (edits === this.#edits) await this.settle(this.draft);
    else this.#later(SAVE_AFTER_MS, 'waiting');
  }

  #again(): void {
    void this.#keep();
    this.#later(this.#againMs, 'offline');
    this.#againMs = Math.min(2 * this.#againMs, LAST_AGAIN_MS);
  }

  /** Where only the answer was lost, what came between is the own save. */
  async #onConflict({ edits, content, mask }: { edits: number; content: DraftContent; mask: Uint8Array }) {
    try {
      const newest = await newestOf(this.draft);
      if (!isSame(newest, mask, content)) return this.conflict(newest.draft);
      this.draft = newest.draft;
      await this.#saved(edits, content);
    } catch {
      this.#again();
    }
  }

  async #keep(): Promise<void> {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
    const edits = this.#edits;
    const { id: annotation, study, revision, annotator } = this.draft;
    const kept = { annotation, study, revision, by: annotator.name, at: new Date().toISOString() };
    const content = this.#source.content();
    const gzip = await pack(this.#source.mask());
    // It was saved meanwhile.
    if (this.state === 'saved' && edits === this.#edits) return;
    this.isUnsafe = !(await keepDraft({ ...kept, content, gzip }).then(
      () => true,
      () => false,
    ));
  }

  async #forget(annotation: string): Promise<void> {
    await forgetDraft(annotation).catch(() => undefined);
    this.isUnsafe = false;
  }

  #later(ms: number, state: SaveState): void {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => void this.save(), ms);
    this.#to(state);
  }

  #to(state: SaveState, problem = ''): void {
    this.state = state;
    this.problem = problem;
    this.#source.tell();
  }

  readonly #onLeaving = (event: BeforeUnloadEvent): void => {
    if (this.isUnsafe && this.state !== 'saved') event.preventDefault();
  };
}

export function isSame({ draft, mask }: OpenedDraft, other: Uint8Array, { segments }: DraftContent): boolean {
  if (JSON.stringify(draft.segments) !== JSON.stringify(segments) || mask.length !== other.length) return false;
  return mask.every((value, i) => value === other[i]);
}
