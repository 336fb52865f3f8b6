/** Notices when a peer that is waited for does nothing for a time; costs nothing a PDU. */
export class Watchdog {
  readonly #limitMs: number;
  readonly #isWaiting: () => boolean;
  readonly #expire: () => void;
  #lastMs = performance.now();
  #timer: NodeJS.Timeout;

  constructor(options: { limitMs: number; isWaiting: () => boolean; expire: () => void }) {
    this.#limitMs = options.limitMs;
    this.#isWaiting = options.isWaiting;
    this.#expire = options.expire;
    this.#timer = this.#arm(this.#limitMs);
  }

  /** The peer did something, or only now has something to do. */
  touch(): void {
    this.#lastMs = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(waitMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), Math.max(1, Math.ceil(waitMs)));
  }

  #look(): void {
    if (!this.#isWaiting()) this.touch();
    const leftMs = this.#lastMs + this.#limitMs - performance.now();
    if (leftMs > 0) this.#timer = this.#arm(leftMs);
    else this.#expire();
  }
}
