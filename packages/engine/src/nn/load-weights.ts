import { VesaliusError } from '@vesalius/errors';
import { bfloat16ToFloat32, float16ToFloat32 } from '../binary/half-precision.ts';
import { sameShape } from '../graph/shape.ts';
import type { TensorValue } from '../runtime/tensor-value.ts';
import type { WeightMap, WeightTensor } from '../weights/weight-tensor.ts';
import type { Variable } from './scope.ts';

export interface LoadWeightsOptions {
  /** The variable that a name of the file stands for; undefined leaves the tensor out. */
  readonly rename?: (name: string) => string | undefined;
  /** Whether anything missing, unexpected or of another shape is an error; it is by default. */
  readonly strict?: boolean;
}

export interface LoadedWeights {
  /** By the variable's name, for `writeState`. */
  readonly values: ReadonlyMap<string, TensorValue>;
  /** Variables that the file has nothing for. */
  readonly missing: readonly string[];
  /** Names of the file, after renaming, that are no variable. */
  readonly unexpected: readonly string[];
  readonly mismatched: readonly {
    readonly name: string;
    readonly got: readonly number[];
    readonly expected: readonly number[];
  }[];
}

/**
 * A file's weights as values of a network's variables, in float32. PyTorch's counters `num_batches_tracked`, which serve
 * no calculation here, are left out.
 *
 * @throws CHECKPOINT_MISMATCH in the strict case, naming the first of each kind
 */
export function loadWeights(
  variables: readonly Variable[],
  weights: WeightMap,
  options: LoadWeightsOptions = {},
): LoadedWeights {
  const { rename = (name) => name, strict = true } = options;
  const found = new Map<string, WeightTensor>();
  for (const [original, tensor] of weights) {
    const name = /(^|\.)num_batches_tracked$/.test(original) ? undefined : rename(original);
    if (name !== undefined) found.set(name, tensor);
  }
  const known = new Set(variables.map(({ name }) => name));
  const values = new Map<string, TensorValue>();
  const mismatched: { name: string; got: readonly number[]; expected: readonly number[] }[] = [];
  for (const { name, tensor } of variables) {
    const weight = found.get(name);
    if (weight && !sameShape(weight.shape, tensor.shape))
      mismatched.push({ name, got: weight.shape, expected: tensor.shape });
    else if (weight) values.set(name, { shape: tensor.shape, dtype: 'float32', data: weightToFloat32(weight) });
  }
  const missing = [...known].filter((name) => !found.has(name));
  const loaded = { values, missing, unexpected: [...found.keys()].filter((name) => !known.has(name)), mismatched };
  if (strict) assertComplete(loaded);
  return loaded;
}

function assertComplete({ missing, unexpected, mismatched }: LoadedWeights): void {
  const shapes = mismatched.map(({ name, got, expected }) => `${name} [${got}] for [${expected}]`);
  const kinds = [
    listed('missing', missing),
    listed('unexpected', unexpected),
    listed('of another shape', shapes),
  ].filter((text) => text !== '');
  if (kinds.length === 0) return;
  throw new VesaliusError('CHECKPOINT_MISMATCH', {
    what: 'weights',
    got: kinds.join('; '),
    expected: "the network's variables",
  });
}

const FIRST = 3;

function listed(kind: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > FIRST ? ` and ${names.length - FIRST} more` : '';
  return `${kind}: ${names.slice(0, FIRST).join(', ')}${more}`;
}

/** The numbers of a weight of any type, as a copy. */
export function weightToFloat32({ dtype, data }: WeightTensor): Float32Array<ArrayBuffer> {
  if (dtype === 'float16') return float16ToFloat32(data as Uint16Array);
  if (dtype === 'bfloat16') return bfloat16ToFloat32(data as Uint16Array);
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}
