import { range } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Emitted, Emitter } from '../op-rule.ts';
import { fitsBlocks } from './blocked-layout.ts';

/** Tensors joined along an axis; along whole blocks of channels without leaving the blocked layout. */
export function emitConcat(inputs: readonly Tensor[], axis: number, emit: Emitter): Emitted {
  const joinsBlocks = axis === 1 && inputs.every((x) => x.dtype === 'float32' && fitsBlocks(x, emit));
  if (!joinsBlocks || !inputs.some((x) => emit.standsBlocked(x))) {
    return emit.node(
      'Concat',
      inputs.map((x) => emit.name(x)),
      { axis },
    );
  }
  return {
    blocked: () =>
      emit.node(
        'Concat',
        inputs.map((x) => emit.blocked(x)),
        { axis: 1 },
      ),
  };
}

interface Box {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
  readonly emit: Emitter;
}

/** A slice of whole blocks of channels; undefined for any other. */
export function emitChannelSlice(x: Tensor, { starts, sizes, steps, emit }: Box): Emitted | undefined {
  if (!emit.standsBlocked(x)) return undefined;
  const [start, size] = [starts[1] as number, sizes[1] as number];
  const whole =
    range(x.shape.length).every((axis) => axis === 1 || sizes[axis] === x.shape[axis]) &&
    steps.every((step) => step === 1);
  if (!whole || start % emit.target.channelBlock !== 0 || size % emit.target.channelBlock !== 0) return undefined;
  const bounds = [[start], [start + size], [1]];
  return { blocked: () => emit.node('Slice', [emit.blocked(x), ...bounds.map((bound) => emit.ints(bound))]) };
}

interface Parts {
  readonly axis: number;
  readonly sizes: readonly number[];
  readonly emit: Emitter;
}

/** Parts along an axis, each in the blocked layout where it is a slice of whole blocks. */
export function emitSplit(x: Tensor, { axis, sizes, emit }: Parts): readonly Emitted[] {
  const none = x.shape.map(() => 0);
  const steps = x.shape.map(() => 1);
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const slices = sizes.map((size, i) => {
    return emitChannelSlice(x, {
      starts: none.with(axis, starts[i] as number),
      sizes: x.shape.with(axis, size),
      steps,
      emit,
    });
  });
  if (slices.every((slice) => slice !== undefined)) return slices;
  return emit.nodes('Split', [emit.name(x), emit.ints(sizes)], sizes.length, { axis });
}
