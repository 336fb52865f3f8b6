import { VesaliusError } from '@vesalius/errors';
import { type Shape, sameShape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { input } from '../ops/operations.ts';
import { scalarValue, type TensorValue } from '../runtime/tensor-value.ts';
import type { Initializer } from './initializers.ts';

/** A value that belongs to a network: trained, or kept beside (running statistics). */
export interface Variable {
  /** Dotted path, as in a PyTorch state dict. */
  readonly name: string;
  readonly tensor: Tensor;
  readonly initializer: Initializer;
  readonly trainable: boolean;
  /** For kept values: what a training step leaves behind. */
  next?: Tensor;
}

/**
 * Where a network's layers find their parameters. Asking twice for one name gives the same parameter, so two calls of a
 * layer under one name share weights.
 */
export interface Scope {
  /** Dropout drops and batch statistics are taken only while training. */
  readonly training: boolean;
  child(name: string | number): Scope;
  /** @throws SHAPE_MISMATCH when the name is taken by another shape */
  parameter(name: string, shape: Shape, initializer: Initializer): Tensor;
  /** A kept value that is not trained. */
  buffer(name: string, shape: Shape, initializer: Initializer): Tensor;
  /** What a training step leaves in a buffer. */
  update(name: string, next: Tensor): void;
  /** Key of this run's random numbers, and a number no other layer has. */
  random(): { readonly key: Tensor; readonly stream: number };
}

export interface NetworkBuilder {
  readonly scope: Scope;
  /** In the order they were first asked for. */
  variables(): readonly Variable[];
}

export function createNetworkBuilder({ training = false } = {}): NetworkBuilder {
  const book: Book = { training, variables: new Map(), streams: 0 };
  return { scope: scopeAt(book, ''), variables: () => [...book.variables.values()] };
}

interface Book {
  readonly training: boolean;
  readonly variables: Map<string, Variable>;
  streams: number;
  key?: Tensor;
}

function scopeAt(book: Book, prefix: string): Scope {
  const path = (name: string | number): string => (prefix === '' ? `${name}` : `${prefix}.${name}`);
  const declare = (name: string, shape: Shape, initializer: Initializer, trainable: boolean): Tensor => {
    const known = book.variables.get(path(name));
    if (known && !sameShape(known.tensor.shape, shape)) {
      throw new VesaliusError('SHAPE_MISMATCH', {
        what: `parameter ${path(name)}`,
        got: shape,
        expected: known.tensor.shape,
      });
    }
    const variable = known ?? { name: path(name), tensor: input(path(name), shape), initializer, trainable };
    book.variables.set(variable.name, variable);
    return variable.tensor;
  };
  return {
    training: book.training,
    child: (name) => scopeAt(book, path(name)),
    parameter: (name, shape, initializer) => declare(name, shape, initializer, true),
    buffer: (name, shape, initializer) => declare(name, shape, initializer, false),
    update: (name, next) => {
      const variable = book.variables.get(path(name));
      if (!variable)
        throw new VesaliusError('INVALID_ARGUMENT', { what: 'update', got: path(name), expected: 'a declared buffer' });
      variable.next = next;
    },
    random: () => {
      book.key ??= input(RANDOM_KEY, [], 'int64');
      return { key: book.key, stream: book.streams++ };
    },
  };
}

/** Name of the feed that makes one run's random numbers differ from another's. */
export const RANDOM_KEY = 'random_key';

/** What to feed for the random numbers of a training step: others in every step, the same when it is repeated. */
export function randomKeyOf(seed: number, step: number): TensorValue {
  return scalarValue((seed * 1_000_003 + step) % 2 ** 31, 'int64');
}
