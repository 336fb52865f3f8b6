import type { OthersAnswer } from '@vesalius/api';

/** A page that says it is open. */
interface Visitor {
  readonly series: string;
  readonly annotation: string;
  readonly person: { readonly id: string; readonly name: string };
  readonly tab: string;
}

const FORGOTTEN_MS = 60_000;

/** Who has which series open: kept in memory, for it is true for a minute only. */
export class Presence {
  readonly #seen = new Map<string, Visitor & { readonly since: string; readonly at: number }>();

  /** @returns the others at the same series */
  tell(visitor: Visitor, now = Date.now()): OthersAnswer['others'] {
    for (const [key, { at }] of this.#seen) if (now - at > FORGOTTEN_MS) this.#seen.delete(key);
    const { series, person, tab } = visitor;
    const key = JSON.stringify([series, person.id, tab]);
    const since = this.#seen.get(key)?.since ?? new Date(now).toISOString();
    this.#seen.set(key, { ...visitor, since, at: now });
    return [...this.#seen]
      .filter(([other, seen]) => other !== key && seen.series === series)
      .map(([, seen]) => ({
        ...{ name: seen.person.name, annotation: seen.annotation, since: seen.since },
        self: seen.person.id === person.id,
      }));
  }
}
