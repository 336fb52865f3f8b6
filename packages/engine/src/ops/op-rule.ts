import type { DType, TensorData } from '../graph/dtype.ts';
import type { Shape } from '../graph/shape.ts';
import type { Node, Tensor, TensorType } from '../graph/tensor.ts';
import type * as operations from './operations.ts';

/** Every operation, handed to gradient rules so that operation files need not import each other. */
export type Operations = typeof operations;

/** Attribute of an ONNX node: a number is an int, an array of numbers ints; floats are marked. */
export type EmittedAttribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] };

/**
 * Sum of scaled values in the blocked layout plus a shift, computed only when something needs the numbers themselves:
 * a normalization and what follows it thus become one pass.
 */
export interface Combination {
  readonly terms: readonly CombinationTerm[];
  readonly shift?: string | undefined;
}

/** Scale and shift hold one number a channel of each sample: they broadcast to `[B, C, 1...]`. Without a scale: 1. */
export interface CombinationTerm {
  readonly base: string;
  readonly scale?: string | undefined;
}

/** How an operation's result stands: by its name in the plain layout, or in one of the other forms, named when first asked for. */
export type Emitted = string | { readonly blocked: () => string } | { readonly combination: Combination };

export interface EmittedMatMul {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Of the product; 1 by default. */
  readonly scale?: { readonly by: number; readonly dtype: DType };
  readonly rankA: number;
  readonly rankB: number;
}

/** A graph within a node. */
export interface EmittedBody {
  /** Its own inputs, made by `input`. */
  readonly inputs: readonly Tensor[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Tensor[];
  /** What it reads from outside, and the tensor that stands for each. */
  readonly captured: ReadonlyMap<Tensor, Tensor>;
}

/** What an operation's ONNX form is written with. Names are names of ONNX values. */
export interface Emitter {
  /** Name of a tensor in its plain layout. */
  name(tensor: Tensor): string;
  /** Name of a tensor in the blocked layout, declared `[images, C, H, W]`. */
  blocked(tensor: Tensor): string;
  /** Whether the tensor stands in the blocked layout, computed or as a combination. */
  standsBlocked(tensor: Tensor): boolean;
  /** How many operations and outputs of the graph read the tensor. */
  readers(tensor: Tensor): number;
  /** The combination that a tensor still is, or else the one term of its computed value. */
  combination(tensor: Tensor): Combination;
  /** Whether the tensor is a combination whose numbers nothing has needed so far. */
  isCombination(tensor: Tensor): boolean;
  /** Adds a node and names its first output. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes?: Record<string, EmittedAttribute>,
    domain?: string,
  ): string;
  /** Adds a node with several outputs. */
  nodes(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: Record<string, EmittedAttribute>,
    domain?: string,
  ): string[];
  /** Adds a node with a graph of its own as the attribute `body`, and names one output for each of the body's. */
  nodeWithBody(
    opType: string,
    inputs: readonly string[],
    body: EmittedBody,
    attributes: Record<string, EmittedAttribute>,
  ): string[];
  /** Adds a matrix product of named values. */
  matMul(a: string, b: string, options: EmittedMatMul): string;
  /** Adds a 1-D int64 constant. */
  ints(values: readonly number[]): string;
  scalar(value: number, dtype: DType): string;
  constant(data: TensorData, shape: Shape, dtype: DType): string;
  readonly target: EmitTarget;
}

/** What the runtime that will run the graph understands beyond plain ONNX. */
export interface EmitTarget {
  /** Operators of onnxruntime's own domain `com.microsoft`, on its CPU provider. */
  readonly microsoftOps: boolean;
  /** Channels in a block of onnxruntime's blocked layout on this processor (8 or 16), 0 for plain layouts only. */
  readonly channelBlock: number;
}

export interface GradientContext {
  readonly node: Node;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Gradient of the loss by each output; undefined where the loss does not depend on it. */
  readonly outputGradients: readonly (Tensor | undefined)[];
  /** Whether a gradient by this input is asked for. */
  needs(input: number): boolean;
}

/** Gradients by each input; null where it is not needed or there is none. */
export type GradientRule = (context: GradientContext, $: Operations) => readonly (Tensor | null)[];

/** Everything there is to know of one operation. */
export interface OpRule {
  /** Types of the outputs; throws where the inputs do not fit, with what, got and expected. */
  shape(inputs: readonly Tensor[], attributes: Readonly<Record<string, unknown>>): readonly TensorType[];
  readonly gradient: 'none' | GradientRule;
  /** The one output once more, from what the gradient reads besides: cheaper for the backward pass than to keep it. */
  readonly again?: (inputs: readonly Tensor[], $: Operations) => Tensor;
  toOnnx(node: Node, emit: Emitter): readonly Emitted[];
}
