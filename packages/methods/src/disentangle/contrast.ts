import { ops as $, type Tensor } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';

/**
 * Pulls vectors of one group together and pushes those of different groups apart.
 *
 * @param vectors - `[N, C]`
 * @param groups - of each vector; at least two, each of at least two vectors
 * @throws INVALID_ARGUMENT for other groups
 * @source Khosla et al. 2020, Supervised contrastive learning
 */
export function groupContrast(vectors: Tensor, groups: readonly number[], temperature = 0.2): Tensor {
  const members = new Map(groups.map((group) => [group, groups.filter((other) => other === group).length]));
  if (members.size < 2 || [...members.values()].some((count) => count < 2)) {
    const expected = 'at least two, each of at least two vectors';
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'groups to contrast', got: groups, expected });
  }
  const n = groups.length;
  const length = $.sqrt($.add($.sum($.square(vectors), [1]), 1e-8));
  const unit = $.div(vectors, length);
  const entry = (value: (row: number, column: number) => number): Tensor =>
    $.constant(
      Float32Array.from({ length: n * n }, (_, i) => value(Math.floor(i / n), i % n)),
      [n, n],
    );
  // A vector is no company to itself.
  const others = entry((row, column) => (row === column ? -1e9 : 0));
  const similar = $.add($.matMul(unit, unit, { transposeB: true, scale: 1 / temperature }), others);
  const share = entry((row, column) =>
    row !== column && groups[row] === groups[column] ? 1 / ((members.get(groups[row] as number) as number) - 1) : 0,
  );
  // Where the share is 0 the logarithm is finite too: -1e9 times 0 is 0.
  return $.reshape($.neg($.div($.sum($.mul($.logSoftmax(similar, 1), share)), n)), []);
}
