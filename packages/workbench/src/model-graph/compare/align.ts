const MOST_CHANGES = 2000;

/**
 * Pairs equal words of two texts in their order, with as few left over as can be; beyond 2,000 changes in any order, first come first paired.
 *
 * @source Myers 1986, An O(ND) difference algorithm
 * @returns places in the second text of each word of the first, -1 for none
 */
export function align(first: readonly string[], second: readonly string[]): Int32Array {
  const pairs = new Int32Array(first.length).fill(-1);
  const trace = shortestEdit(first, second);
  if (trace === undefined) return firstCome(first, second, pairs);
  let [i, j] = [first.length, second.length];
  for (let d = trace.length - 1; i > 0 || j > 0; d--) {
    const furthest = trace[d - 1];
    const k = i - j;
    const down = furthest === undefined || k === -d || (k !== d && at(furthest, k - 1) < at(furthest, k + 1));
    const beforeK = down ? k + 1 : k - 1;
    const beforeI = furthest === undefined ? 0 : at(furthest, beforeK);
    const beforeJ = beforeI - beforeK;
    while (i > beforeI && j > beforeJ && i > 0 && j > 0) pairs[--i] = --j;
    if (furthest === undefined) break;
    [i, j] = [beforeI, beforeJ];
  }
  return pairs;
}

/** How far each diagonal reaches after 0, 1, 2, ... changes, until the end. */
function shortestEdit(first: readonly string[], second: readonly string[]): Int32Array[] | undefined {
  const trace: Int32Array[] = [];
  for (let d = 0; d <= MOST_CHANGES; d++) {
    const before = trace.at(-1);
    const reach = new Int32Array(2 * d + 1);
    trace.push(reach);
    for (let k = -d; k <= d; k += 2) {
      let i = 0;
      if (before)
        i = k === -d || (k !== d && at(before, k - 1) < at(before, k + 1)) ? at(before, k + 1) : at(before, k - 1) + 1;
      while (i < first.length && i - k < second.length && i >= k && first[i] === second[i - k]) i++;
      reach[k + d] = i;
      if (i >= first.length && i - k >= second.length) return trace;
    }
  }
  return undefined;
}

/** A row of d changes holds the diagonals -d to d. */
function at(reach: Int32Array, diagonal: number): number {
  return reach[diagonal + (reach.length - 1) / 2] ?? -1;
}

function firstCome(first: readonly string[], second: readonly string[], pairs: Int32Array): Int32Array {
  const waiting = new Map<string, number[]>();
  for (const [j, word] of second.entries()) waiting.set(word, [...(waiting.get(word) ?? []), j]);
  for (const places of waiting.values()) places.reverse();
  for (const [i, word] of first.entries()) pairs[i] = waiting.get(word)?.pop() ?? -1;
  return pairs;
}
