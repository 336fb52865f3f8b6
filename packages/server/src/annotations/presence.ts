import type { Standing } from '@vesalius/api';
import type { Annotation } from './annotations.ts';

/** A page that is open on a label map. */
interface Page {
  readonly person: { readonly id: string; readonly name: string };
  readonly tab: string;
  readonly since: string;
  annotation: Annotation;
  mayEdit: boolean;
  /** Connections that listen. */
  listening: number;
  /** When it is forgotten unless it says again that it is there, or listens. */
  until: number;
}

type Visitor = Pick<Page, 'person' | 'tab' | 'annotation'>;

/** Browsers let the clock of a hidden page run once a minute only. */
const FORGOTTEN_MS = 150_000;
/** A page that listened comes back within it after a break of the connection. */
const GRACE_MS = 3000;

/**
 * Who has which study open, and which of several pages on one label map may edit: kept in memory, for it is true for a while only. Nothing is
 * lost where two servers know different pages: a save still names its revision.
 */
export class Presence {
  readonly #pages = new Map<string, Page>();
  readonly #listeners = new Set<() => void>();

  /** It is there; `takeOver`: of the pages on this label map it is the one that edits. */
  tell(visitor: Visitor, takeOver = false): Standing {
    const page = this.#enter(visitor);
    if (takeOver && isOwn(page)) {
      for (const other of this.#sameMap(page)) other.mayEdit = false;
      page.mayEdit = true;
    }
    this.#wake();
    return this.#standing(page);
  }

  leave(visitor: Visitor): void {
    this.#pages.delete(keyOf(visitor));
    this.#wake();
  }

  /** Another save, or another state: every page on it hears of it. */
  changed(annotation: Annotation): void {
    for (const page of this.#pages.values()) if (page.annotation.id === annotation.id) page.annotation = annotation;
    this.#wake();
  }

  /** How the page stands, at once and after each change; it is there as long as it listens. */
  async *follow(visitor: Visitor, end: AbortSignal): AsyncGenerator<Standing> {
    let isNew = true;
    let wake = () => {};
    const listener = () => {
      isNew = true;
      wake();
    };
    this.#listeners.add(listener);
    end.addEventListener('abort', listener);
    const page = this.#enter(visitor);
    page.listening++;
    this.#wake();
    let told = '';
    try {
      while (!end.aborted) {
        isNew = false;
        const standing = this.#standing(page);
        const text = JSON.stringify(standing);
        if (text !== told) yield standing;
        told = text;
        if (!isNew && !end.aborted) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#listeners.delete(listener);
      page.listening--;
      page.until = Date.now() + GRACE_MS;
      setTimeout(() => this.#wake(), GRACE_MS + 1).unref();
    }
  }

  #enter(visitor: Visitor): Page {
    const key = keyOf(visitor);
    const known = this.#pages.get(key);
    const page = known ?? { ...visitor, since: new Date().toISOString(), mayEdit: false, listening: 0, until: 0 };
    page.annotation = visitor.annotation;
    page.until = Date.now() + FORGOTTEN_MS;
    this.#pages.set(key, page);
    return page;
  }

  #wake(): void {
    const now = Date.now();
    for (const [key, { listening, until }] of this.#pages) if (listening === 0 && until <= now) this.#pages.delete(key);
    for (const page of this.#pages.values())
      if (isOwn(page) && !this.#sameMap(page).some(({ mayEdit }) => mayEdit)) page.mayEdit = true;
    for (const listener of [...this.#listeners]) listener();
  }

  #sameMap({ annotation }: Page): Page[] {
    return [...this.#pages.values()].filter((other) => other.annotation.id === annotation.id);
  }

  #standing(page: Page): Standing {
    const { annotation, person, mayEdit } = page;
    const others = [...this.#pages.values()].filter(
      (other) => other !== page && other.annotation.study === annotation.study,
    );
    return {
      others: others.map((other) => ({
        ...{ name: other.person.name, annotation: other.annotation.id, series: other.annotation.series },
        ...{ since: other.since, self: other.person.id === person.id },
      })),
      mayEdit,
      annotation: { revision: annotation.revision, state: annotation.state },
    };
  }
}

function keyOf({ person, tab, annotation }: Visitor): string {
  return JSON.stringify([person.id, tab, annotation.id]);
}

/** A reviewer looks on. */
function isOwn({ annotation, person }: Page): boolean {
  return annotation.annotator.id === person.id;
}
