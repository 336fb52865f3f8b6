/** A queue between one who puts and one who waits; `onSize` hears of every change, for back-pressure. */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #onSize: (size: number) => void;
  #waiting: PromiseWithResolvers<T> | undefined;
  #error: Error | undefined;

  constructor(onSize: (size: number) => void = () => {}) {
    this.#onSize = onSize;
  }

  put(item: T): void {
    if (this.#waiting) this.#waiting.resolve(item);
    else this.#onSize(this.#items.push(item));
    this.#waiting = undefined;
  }

  /** What was put before is still given out, then every `next` fails. */
  fail(error: Error): void {
    this.#error = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  async next(): Promise<T> {
    const item = this.#items.shift();
    if (item !== undefined) {
      this.#onSize(this.#items.length);
      return item;
    }
    if (this.#error) throw this.#error;
    this.#waiting = Promise.withResolvers<T>();
    return this.#waiting.promise;
  }
}
