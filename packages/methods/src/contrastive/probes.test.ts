import { Random } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { correspondingPlace, type PlaceGrid } from './place-correspondence.ts';
import { featureRows, kNearest, linearProbe } from './probes.ts';
import { tSne } from './t-sne.ts';

const random = new Random('probes');
const labels = Uint8Array.from({ length: 90 }, (_, i) => (i % 3 === 0 ? 1 : 0));
const rows = featureRows(
  Float32Array.from({ length: 90 * 6 }, (_, i) =>
    random.normal(i % 6 < 2 ? 3 * (labels[Math.floor(i / 6)] as number) : 0),
  ),
  6,
);

test('a probe and the nearest neighbours tell apart what the features tell apart', () => {
  const known = { rows: rows.slice(0, 60), labels: labels.slice(0, 60) };
  for (const probe of [kNearest, linearProbe]) {
    const scores = probe(known, rows.slice(60));
    const right = scores.filter((score, i) => score > 0.5 === (labels[60 + i] === 1)).length;
    expect(right).toBeGreaterThan(25);
  }
});

test('in the plane the nearest neighbour of most points is of the same kind', () => {
  const points = tSne(rows, { steps: 250 });
  const near = labels.filter((label, i) => {
    const distances = Array.from(labels, (_, j) =>
      j === i
        ? Infinity
        : Math.hypot(...[0, 1].map((a) => (points[2 * i + a] as number) - (points[2 * j + a] as number))),
    );
    return labels[distances.indexOf(Math.min(...distances))] === label;
  });
  expect(near.length).toBeGreaterThan(80);
  expect(tSne(rows, { steps: 20 })).toEqual(tSne(rows, { steps: 20 }));
});

test('a place is found where a film was moved by two cells', () => {
  const wide = 8;
  const noise = random.fillNormal(new Float32Array(100 * 16));
  const grid = (move: number): PlaceGrid => {
    const features = new Float32Array(wide * wide * 16);
    for (let i = 0; i < wide * wide; i++) {
      const at = (Math.floor(i / wide) * 10 + (i % wide) + move) * 16;
      const row = noise.subarray(at, at + 16);
      const length = Math.hypot(...row);
      features.set(
        row.map((value) => value / length),
        i * 16,
      );
    }
    return { features, wide };
  };
  const [x, y] = correspondingPlace(grid(0), [4.5 / 8, 3.5 / 8], grid(2));
  expect(x).toBeCloseTo(2.5 / 8, 1);
  expect(y).toBeCloseTo(3.5 / 8, 1);
});
