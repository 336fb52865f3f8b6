import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Boxes, type Layout, layout } from './layout.ts';

function boxes(count: number, lines: readonly (readonly [number, number])[]): Boxes {
  const widths = new Float32Array(count).fill(100);
  return { widths, heights: new Float32Array(count).fill(40), lines: Int32Array.from(lines.flat()) };
}

/** A network of 10,000 nodes: a chain with short, middle and very long skips. */
function large(count: number): Boxes {
  const lines: [number, number][] = [];
  for (let i = 1; i < count; i++) {
    lines.push([i - 1, i]);
    if (i % 5 === 0) lines.push([i - 5, i]);
    if (i % 7 === 0 && i > 60) lines.push([i - 60 + ((i * 31) % 40), i]);
    if (i % 50 === 0 && count - 1 - i < i) lines.push([count - 1 - i, i]);
  }
  return boxes(count, lines);
}

function overlaps({ widths, heights }: Boxes, { x, y }: Layout): number {
  let found = 0;
  for (let a = 0; a < widths.length; a++) {
    for (let b = 0; b < a; b++) {
      const across = Math.abs((x[a] ?? 0) - (x[b] ?? 0)) < ((widths[a] ?? 0) + (widths[b] ?? 0)) / 2 - 0.1;
      if (across && Math.abs((y[a] ?? 0) - (y[b] ?? 0)) < ((heights[a] ?? 0) + (heights[b] ?? 0)) / 2 - 0.1) found++;
    }
  }
  return found;
}

const anyLines = fc.integer({ min: 1, max: 40 }).chain((count) => {
  const box = fc.integer({ min: 0, max: count - 1 });
  return fc.record({ count: fc.constant(count), lines: fc.array(fc.tuple(box, box), { maxLength: 100 }) });
});

test('boxes of any graph, cycles and loops included, never overlap, and lines go from box to box', () => {
  fc.assert(
    fc.property(anyLines, ({ count, lines }) => {
      const input = boxes(count, lines);
      const found = layout(input);
      expect(overlaps(input, found)).toBe(0);
      expect(found.points.every(Number.isFinite)).toBe(true);
      for (const [i, [from, to]] of lines.entries()) {
        const [first = 0, last = 0] = [found.starts[i], (found.starts[i + 1] ?? 0) - 1];
        expect(found.points[2 * first]).toBeCloseTo(found.x[from] ?? Number.NaN, 1);
        expect(found.points[2 * last]).toBeCloseTo(found.x[to] ?? Number.NaN, 1);
      }
    }),
    { numRuns: 100 },
  );
});

test('lines without cycles lead downward', () => {
  const downward = anyLines.map(({ count, lines }) => ({ count, lines: lines.filter(([from, to]) => from < to) }));
  fc.assert(
    fc.property(downward, ({ count, lines }) => {
      const { y } = layout(boxes(count, lines));
      for (const [from, to] of lines) expect(y[to] ?? 0).toBeGreaterThan(y[from] ?? 0);
    }),
  );
});

test('a chain stands straight, and what is skipped leaves room for the skip', () => {
  const chain = layout(
    boxes(5, [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ]),
  );
  expect(new Set(chain.x.map(Math.round)).size).toBe(1);
  const skip = layout(
    boxes(3, [
      [0, 1],
      [1, 2],
      [0, 2],
    ]),
  );
  const corners = [...skip.points.slice(2 * (skip.starts[2] ?? 0))].filter((_, i) => i % 2 === 0);
  expect(Math.max(...corners.map((at) => Math.abs(at - (skip.x[1] ?? 0))))).toBeGreaterThan(50);
});

test('10,000 nodes are arranged within two seconds of one core, without overlap of neighbours', () => {
  const input = large(10_000);
  const before = process.cpuUsage().user;
  const found = layout(input);
  expect((process.cpuUsage().user - before) / 1e6).toBeLessThan(2);
  const byPlace = [...found.x.keys()].sort((a, b) => (found.y[a] ?? 0) - (found.y[b] ?? 0));
  for (let i = 0; i + 50 < byPlace.length; i += 500) {
    const some = byPlace.slice(i, i + 50);
    const part = {
      x: Float32Array.from(some, (b) => found.x[b] ?? 0),
      y: Float32Array.from(some, (b) => found.y[b] ?? 0),
    };
    expect(overlaps(boxes(50, []), { ...found, ...part })).toBe(0);
  }
});
