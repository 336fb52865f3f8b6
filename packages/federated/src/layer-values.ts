/** Values of a model, or of a change of one, by layer. */
export type LayerValues = ReadonlyMap<string, Float32Array>;

/** What both ends know of a model before anything is sent: its layers in order. */
export type Layout = readonly LayerShape[];

export interface LayerShape {
  readonly name: string;
  readonly shape: readonly number[];
}

export const valuesIn = ({ shape }: LayerShape): number => shape.reduce((product, n) => product * n, 1);

/** Values as numbers of the layout, zero. */
export const zerosOf = (layout: Layout): Map<string, Float32Array> =>
  new Map(layout.map((layer) => [layer.name, new Float32Array(valuesIn(layer))]));
