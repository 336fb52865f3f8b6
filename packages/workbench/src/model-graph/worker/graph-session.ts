import type { TensorProto } from '@vesalius/engine/onnx-file';
import { VesaliusError } from '@vesalius/errors';
import { diffModels, type ModelDiff, type Side } from '../compare/diff-models.ts';
import { type Scene, sceneOf } from '../draw/scene.ts';
import { inferValues } from '../read/infer-values.ts';
import type { OpenedModel } from '../read/model-graph.ts';
import { type ReadModel, readModel } from '../read/read-model.ts';
import { type WeightFigures, weightFigures } from '../read/weight-figures.ts';
import { weightValues } from '../read/weight-values.ts';
import { writeNpy } from '../read/write-npy.ts';

/** Which graph of what is open: of the model itself, or of both models that are compared. */
export interface GraphPlace {
  readonly graph: number;
  readonly compared: boolean;
}

/** Reads, arranges and counts what a viewer shows; holds the bytes, so that they need not travel. */
export class GraphSession {
  #model: ReadModel | undefined;
  #diff: ModelDiff | undefined;
  #diffTensors: readonly TensorProto[] = [];

  /** @throws FILE_TRUNCATED, FILE_FORMAT */
  open(bytes: Uint8Array, name: string): OpenedModel {
    this.#model = withInferred(readModel(bytes, name));
    this.#diff = undefined;
    return this.#model.model;
  }

  /** Compares the open model with the one it came from. @throws FILE_TRUNCATED, FILE_FORMAT */
  compareWith(bytes: Uint8Array, name: string): ModelDiff {
    const [before, after] = [sideOf(withInferred(readModel(bytes, name)), 0), sideOf(this.#opened(), 0)];
    this.#diff = diffModels(before, after);
    this.#diffTensors = [...after.tensors, ...before.tensors];
    return this.#diff;
  }

  scene(place: GraphPlace, closed: readonly string[]): Scene {
    return sceneOf(this.#side(place).graph, new Set(closed));
  }

  /** @returns undefined where the values cannot be read */
  figures(place: GraphPlace, weight: number): WeightFigures | undefined {
    const tensor = this.#side(place).tensors[weight];
    const values = tensor && weightValues(tensor);
    return values && weightFigures(values);
  }

  npy(place: GraphPlace, weight: number): Uint8Array<ArrayBuffer> | undefined {
    const tensor = this.#side(place).tensors[weight];
    return tensor && writeNpy(tensor);
  }

  #side({ graph, compared }: GraphPlace): Side {
    if (compared && this.#diff && graph === 0) return { graph: this.#diff.graph, tensors: this.#diffTensors };
    return sideOf(this.#opened(), graph);
  }

  #opened(): ReadModel {
    if (this.#model) return this.#model;
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'model graph',
      got: 'nothing open',
      expected: 'an open model',
    });
  }
}

function sideOf({ model, tensors }: ReadModel, place: number): Side {
  const graph = model.graphs[place];
  if (graph === undefined) throw new VesaliusError('INVALID_ARGUMENT', { what: 'graph of the model', got: place });
  return { graph, tensors: tensors[place] ?? [] };
}

/** Sizes that the file does not state are worked out where that is easy. */
function withInferred({ model, tensors }: ReadModel): ReadModel {
  const graphs = model.graphs.map((graph, i) => ({ ...graph, values: inferValues(graph, tensors[i] ?? []) }));
  return { model: { ...model, graphs }, tensors };
}
