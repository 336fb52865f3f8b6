/** Far beyond any picture, and squared still a number. */
const FAR = 1e10;

interface Picture {
  readonly columns: number;
  readonly rows: number;
  /** Of a pixel. */
  readonly spacing: readonly [number, number];
}

/**
 * How far each pixel lies from the border of a shape in millimetres: negative inside, and beyond the picture there is no shape.
 *
 * @param bits - 1 inside, columns fastest
 * @source Felzenszwalb and Huttenlocher 2012, Distance transforms of sampled functions
 */
export function signedDistance(bits: Uint8Array, { columns, rows, spacing }: Picture): Float32Array {
  const wide = { columns: columns + 2, rows: rows + 2, spacing };
  const inside = new Uint8Array(wide.columns * wide.rows);
  for (let y = 0; y < rows; y++) inside.set(bits.subarray(y * columns, (y + 1) * columns), 1 + (y + 1) * wide.columns);
  const toShape = distancesTo(1, inside, wide);
  const toGround = distancesTo(0, inside, wide);
  return Float32Array.from(bits, (_, i) => {
    const k = 1 + (i % columns) + (Math.floor(i / columns) + 1) * wide.columns;
    return (toShape[k] as number) - (toGround[k] as number);
  });
}

function distancesTo(kind: 0 | 1, inside: Uint8Array, { columns, rows, spacing }: Picture): Float64Array {
  const squared = Float64Array.from(inside, (bit) => (bit === kind ? 0 : FAR));
  const line = (start: number, stride: number, { count, step }: { readonly count: number; readonly step: number }) => {
    const values = Float64Array.from({ length: count }, (_, k) => squared[start + k * stride] as number);
    const nearest = lowerEnvelope(values, step);
    for (let k = 0; k < count; k++) squared[start + k * stride] = nearest[k] as number;
  };
  for (let x = 0; x < columns; x++) line(x, columns, { count: rows, step: spacing[1] });
  for (let y = 0; y < rows; y++) line(y * columns, 1, { count: columns, step: spacing[0] });
  return squared.map(Math.sqrt);
}

/** The least of all parabolas that stand on the values, at each place. */
function lowerEnvelope(values: Float64Array, step: number): Float64Array {
  const stand: number[] = [0];
  const begins: number[] = [-Infinity];
  const meet = (a: number, b: number) =>
    ((values[b] as number) - (values[a] as number) + step ** 2 * (b * b - a * a)) / (2 * step ** 2 * (b - a));
  for (let q = 1; q < values.length; q++) {
    while (stand.length > 1 && meet(stand.at(-1) as number, q) <= (begins.at(-1) as number)) {
      stand.pop();
      begins.pop();
    }
    begins.push(meet(stand.at(-1) as number, q));
    stand.push(q);
  }
  let k = 0;
  return values.map((_, q) => {
    while ((begins[k + 1] ?? Infinity) < q) k++;
    const at = stand[k] as number;
    return (step * (q - at)) ** 2 + (values[at] as number);
  });
}
