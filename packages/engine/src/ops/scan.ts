import { VesaliusError } from '@vesalius/errors';
import { nodesBetween } from '../graph/nodes-between.ts';
import { assertShape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { applyOp } from './apply-op.ts';
import type { OpRule } from './op-rule.ts';
import { input } from './source.ts';

interface ScanAttributes {
  /** Of the body: states, then the slices of the sequences. */
  readonly inputs: readonly Tensor[];
  /** Of the body: next states, then what is stacked. */
  readonly outputs: readonly Tensor[];
  readonly captured: readonly Tensor[];
  readonly states: number;
  readonly length: number;
}

const attributesOf = (attributes: Readonly<Record<string, unknown>>): ScanAttributes =>
  attributes as unknown as ScanAttributes;

export const scanRules = {
  /** Inputs: first states, sequences, what the body reads from outside. Outputs: last states, stacked results. */
  scan: {
    shape: (_, attributes) => {
      const { outputs, states, length } = attributesOf(attributes);
      return outputs.map(({ shape, dtype }, i) => ({ shape: i < states ? shape : [length, ...shape], dtype }));
    },
    gradient: 'none',
    toOnnx: (node, emit) => {
      const { inputs, outputs, captured, states } = attributesOf(node.attributes);
      const operands = node.inputs.slice(0, inputs.length).map((tensor) => emit.name(tensor));
      const standing = captured.map((tensor, i) => [tensor, node.inputs[inputs.length + i] as Tensor] as const);
      const body = { inputs, outputs, nodes: nodesBetween(inputs, outputs).nodes, captured: new Map(standing) };
      return emit.nodeWithBody('Scan', operands, body, { num_scan_inputs: inputs.length - states });
    },
  },
} as const satisfies Record<string, OpRule>;

/** Declares a value that goes from run to run: what it is at first, and what the next run gets. Returns what this run has. */
export type Carry = (first: Tensor, next: (current: Tensor) => Tensor) => Tensor;

export interface Scanned {
  /** Carried values after the last run, in the order they were declared. */
  readonly carried: readonly Tensor[];
  /** What each run returned, stacked along a new first axis. */
  readonly stacked: readonly Tensor[];
}

/**
 * Runs one small graph for each slice along the first axis of the sequences, one after another, so that the memory of one
 * run serves all. It has no gradient: gradients can be taken inside.
 *
 * @param step - builds the graph, from one slice (without the first axis) of each sequence
 * @throws SHAPE_MISMATCH when the sequences differ in length or a carried value changes its shape
 */
export function scan(
  step: (slices: readonly Tensor[], carry: Carry) => readonly Tensor[],
  sequences: readonly Tensor[],
): Scanned {
  const length = sequences[0]?.shape[0];
  if (length === undefined)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'scan: sequences', got: 'none', expected: 'one or more' });
  for (const { shape } of sequences) assertShape('scan: length of a sequence', shape.slice(0, 1), [length]);
  const slices = sequences.map(({ shape, dtype }, i) => input(`scan.slice.${i}`, shape.slice(1), dtype));
  const states: { readonly first: Tensor; readonly current: Tensor; readonly next: Tensor }[] = [];
  const stacked = step(slices, (first, nextOf) => {
    const current = input(`scan.carried.${states.length}`, first.shape, first.dtype);
    const next = nextOf(current);
    assertShape('scan: carried value', next.shape, first.shape);
    states.push({ first, current, next });
    return current;
  });
  const inputs = [...states.map(({ current }) => current), ...slices];
  const outputs = [...states.map(({ next }) => next), ...stacked];
  const { captured } = nodesBetween(inputs, outputs);
  const operands = [...states.map(({ first }) => first), ...sequences, ...captured];
  const results = applyOp('scan', scanRules.scan, operands, {
    inputs,
    outputs,
    captured,
    states: states.length,
    length,
  });
  return { carried: results.slice(0, states.length), stacked: results.slice(states.length) };
}
