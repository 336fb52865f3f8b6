import { Random } from '@vesalius/engine';

/** A matrix as `left` `[rows, rank]` times the transposed `right` `[columns, rank]`, row by row. */
export interface Factors {
  readonly left: Float32Array<ArrayBuffer>;
  readonly right: Float32Array<ArrayBuffer>;
}

export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
}

/**
 * One step of power iteration from the right factor of last time: near the best of this rank once a few rounds have passed.
 *
 * @param right - of last time; drawn by a fixed seed the first time
 * @source Vogels, Karimireddy and Jaggi 2019, PowerSGD, algorithm 1
 */
export function powerStep(matrix: Float32Array, { rows, columns, rank }: MatrixSize, right?: Float32Array): Factors {
  const start = right ?? new Random('power').fillNormal(new Float32Array(columns * rank));
  const left = new Float32Array(rows * rank);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const value = matrix[i * columns + j] as number;
      for (let r = 0; r < rank; r++)
        left[i * rank + r] = (left[i * rank + r] as number) + value * (start[j * rank + r] as number);
    }
  orthonormalize(left, rows, rank);
  const found = new Float32Array(columns * rank);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const value = matrix[i * columns + j] as number;
      for (let r = 0; r < rank; r++)
        found[j * rank + r] = (found[j * rank + r] as number) + value * (left[i * rank + r] as number);
    }
  return { left, right: found };
}

export function multiplyFactors(
  { left, right }: Factors,
  { rows, columns, rank }: MatrixSize,
): Float32Array<ArrayBuffer> {
  const product = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += (left[i * rank + r] as number) * (right[j * rank + r] as number);
      product[i * columns + j] = sum;
    }
  return product;
}

/** Columns by Gram and Schmidt, in place. */
function orthonormalize(matrix: Float32Array, rows: number, rank: number): void {
  const dot = (a: number, b: number): number => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += (matrix[i * rank + a] as number) * (matrix[i * rank + b] as number);
    return sum;
  };
  const add = (to: number, from: number, factor: number): void => {
    for (let i = 0; i < rows; i++)
      matrix[i * rank + to] = (matrix[i * rank + to] as number) + factor * (matrix[i * rank + from] as number);
  };
  for (let column = 0; column < rank; column++) {
    for (let before = 0; before < column; before++) add(column, before, -dot(column, before));
    const length = Math.sqrt(dot(column, column));
    for (let i = 0; i < rows; i++) {
      const at = i * rank + column;
      matrix[at] = length > 1e-12 ? (matrix[at] as number) / length : 0;
    }
  }
}
