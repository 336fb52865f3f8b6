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
  const signed = new Float32Array(bits.length);
  for (let y = 0, i = 0; y < rows; y++)
    for (let x = 0, k = 1 + (y + 1) * wide.columns; x < columns; x++, i++, k++)
      signed[i] = (toShape[k] as number) - (toGround[k] as number);
  return signed;
}

function distancesTo(kind: 0 | 1, inside: Uint8Array, { columns, rows, spacing }: Picture): Float64Array {
  const squared = new Float64Array(inside.length);
  for (let i = 0; i < inside.length; i++) squared[i] = inside[i] === kind ? 0 : FAR;
  const along = ({
    count,
    stride,
    step,
  }: {
    readonly count: number;
    readonly stride: number;
    readonly step: number;
  }) => {
    const values = new Float64Array(count);
    return (start: number) => {
      for (let k = 0; k < count; k++) values[k] = squared[start + k * stride] as number;
      const nearest = lowerEnvelope(values, step);
      for (let k = 0; k < count; k++) squared[start + k * stride] = nearest[k] as number;
    };
  };
  const down = along({ count: rows, stride: columns, step: spacing[1] });
  const across = along({ count: columns, stride: 1, step: spacing[0] });
  for (let x = 0; x < columns; x++) down(x);
  for (let y = 0; y < rows; y++) across(y * columns);
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
