/** A tensor that stands in the file: what a weight, a bias or a constant is, without its values. */
export interface Weight {
  readonly name: string;
  /** `float32`, or the number of a type this program does not know. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Where its values are when they are not in this file, or why they cannot be shown. */
  readonly elsewhere?: string;
}

export interface GraphAttribute {
  readonly name: string;
  /** As a person reads it; long lists are cut. */
  readonly text: string;
}

/** `op` is a node of the file; inputs and outputs of the graph are drawn as nodes of their own. */
export type NodeKind = 'op' | 'input' | 'output';

export interface GraphNode {
  readonly kind: NodeKind;
  readonly op: string;
  readonly domain: string;
  readonly name: string;
  /** Names of values; an empty one stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly GraphAttribute[];
  /** Of `weights`, in the order of the inputs. */
  readonly weights: readonly number[];
  /** Graphs of the model that it holds or calls. */
  readonly opens: readonly number[];
  /** Block it belongs to, outermost first; empty for none. */
  readonly group: readonly string[];
}

/** A value between nodes: its shape and type where they are known. */
export interface GraphValue {
  readonly type: string;
  /** A number, or the name of a size that varies. */
  readonly shape: readonly (number | string)[] | undefined;
}

/** The graph of a model, of a branch or loop inside it, or of a function it defines. */
export interface ModelGraph {
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly weights: readonly Weight[];
  readonly values: ReadonlyMap<string, GraphValue>;
}

/** A model as it is looked at. `graphs[0]` is the whole. */
export interface OpenedModel {
  readonly name: string;
  readonly producer: string;
  readonly opsets: string;
  readonly description: string;
  readonly metadata: readonly (readonly [key: string, value: string])[];
  readonly graphs: readonly ModelGraph[];
  readonly bytes: number;
}
