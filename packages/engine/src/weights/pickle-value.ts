/**
 * What a pickle can hold here: plain data, and what the caller's own functions return.
 *
 * Tuples, lists and sets of list items are arrays; dictionaries are Maps.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleCallable
  | PickleObject
  | readonly PickleValue[]
  | Map<PickleValue, PickleValue>;

/** One of the few globals that a file may name; only `call` gives it a meaning. */
export class PickleCallable {
  readonly name: string;
  readonly call: (args: readonly PickleValue[]) => PickleValue;

  constructor(name: string, call: (args: readonly PickleValue[]) => PickleValue) {
    this.name = name;
    this.call = call;
  }
}

/** An object that the caller made for a persistent id or a call. */
export class PickleObject {}
