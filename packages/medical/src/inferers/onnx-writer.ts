import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from '@vesalius/engine';

const [FLOAT, UINT8, INT64] = [1, 2, 7];

/** Builds ONNX nodes by hand where shapes are known at run time only, which the graph's static operations cannot say. */
export class OnnxWriter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  #count = 0;

  /** Adds a node and names its output. */
  node(opType: string, inputs: readonly string[], attributes: Readonly<Record<string, number>> = {}): string {
    const name = `outer_${opType}_${this.#count++}`;
    this.nodeAs(name, opType, inputs, attributes);
    return name;
  }

  nodeAs(
    name: string,
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number>> = {},
  ): void {
    this.#push(opType, inputs, { outputs: [name], attributes: ints(attributes) });
  }

  /** All elements along the last axis in ascending order. */
  sorted(values: string, count: string): string {
    const [sorted, places] = [`outer_sorted_${this.#count++}`, `outer_places_${this.#count++}`];
    this.#push('TopK', [values, count], {
      outputs: [sorted, places],
      attributes: ints({ axis: -1, largest: 0, sorted: 1 }),
    });
    return sorted;
  }

  cast(value: string, to: number): string {
    return this.node('Cast', [value], { to });
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant(INT64, shape, BigInt64Array.from(values, BigInt));
  }

  bytes(values: readonly number[]): string {
    return this.#constant(UINT8, [values.length], Uint8Array.from(values));
  }

  float(value: number): string {
    return this.#constant(FLOAT, [], Float32Array.of(value));
  }

  /** Adds another model's constants once, for `append`. */
  share({ graph }: OnnxModel): void {
    for (const tensor of graph.initializers) this.initializers.push({ ...tensor, name: `network_${tensor.name}` });
  }

  /** Adds another model's nodes, its inputs joined to values of this one; names its outputs. */
  append({ graph }: OnnxModel, inputs: Readonly<Record<string, string>>): Record<string, string> {
    const copy = this.#count++;
    const constants = new Set(graph.initializers.map((tensor) => tensor.name));
    const name = (inner: string): string => {
      if (inner === '') return '';
      return inputs[inner] ?? (constants.has(inner) ? `network_${inner}` : `network_${copy}_${inner}`);
    };
    for (const node of graph.nodes) {
      this.nodes.push({
        ...node,
        name: `network_${copy}_${node.name}`,
        inputs: node.inputs.map(name),
        outputs: node.outputs.map(name),
      });
    }
    return Object.fromEntries(graph.outputs.map((output) => [output.name, name(output.name)]));
  }

  #push(opType: string, inputs: readonly string[], rest: Pick<OnnxNode, 'outputs' | 'attributes'>): void {
    this.nodes.push({ opType, domain: '', name: `${rest.outputs[0]}_node`, inputs, ...rest });
  }

  #constant(dataType: number, dims: readonly number[], data: BigInt64Array | Uint8Array | Float32Array): string {
    const name = `outer_constant_${this.#count++}`;
    this.initializers.push({ name, dims, dataType, rawData: new Uint8Array(data.buffer) });
    return name;
  }
}

function ints(attributes: Readonly<Record<string, number>>): Record<string, OnnxAttribute> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, { kind: 'int', value }]));
}
