/** Without a key or a pointer for longer than this, nobody works. */
const IDLE_MS = 30_000;
const SIGNS = ['pointerdown', 'pointermove', 'wheel', 'keydown'] as const;

/** Counts the seconds a person works: from one sign of a hand to the next, unless it rested long in between. */
export class ActiveTime {
  readonly #hands: EventTarget;
  readonly #now: () => number;
  #ms = 0;
  #last: number;

  constructor(hands: EventTarget = document, now: () => number = () => performance.now()) {
    this.#hands = hands;
    this.#now = now;
    this.#last = now();
    for (const sign of SIGNS) hands.addEventListener(sign, this.#onSign, { capture: true, passive: true });
  }

  /** Whole seconds that were not `spent` yet. */
  get seconds(): number {
    return Math.floor(this.#ms / 1000);
  }

  /** They are saved: they count no more. */
  spend(seconds: number): void {
    this.#ms -= 1000 * seconds;
  }

  close(): void {
    for (const sign of SIGNS) this.#hands.removeEventListener(sign, this.#onSign, { capture: true });
  }

  readonly #onSign = (): void => {
    const now = this.#now();
    if (now - this.#last < IDLE_MS) this.#ms += now - this.#last;
    this.#last = now;
  };
}
