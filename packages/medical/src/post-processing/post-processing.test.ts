import fc from 'fast-check';
import { expect, test } from 'vitest';
import { goldenLabels, largestError } from '../../../../golden/metrics/compare.ts';
import { type GoldenTensor, readGolden } from '../../../../golden/read-golden.ts';
import {
  binaryClosing,
  binaryDilation,
  binaryErosion,
  binaryOpening,
  type StructuringElement,
} from './binary-morphology.ts';
import { type Connectivity, connectedComponents } from './connected-components.ts';
import { distanceTransform } from './distance-transform.ts';
import { fillHoles } from './fill-holes.ts';
import { keepLargestConnectedComponent } from './keep-largest-connected-component.ts';
import { labelBoundaries } from './label-boundaries.ts';
import type { LabelMap } from './label-map.ts';
import { removeSmallObjects } from './remove-small-objects.ts';
import { signedDistanceMap } from './signed-distance-map.ts';

interface Call {
  connectivity?: Connectivity;
  independent?: boolean;
  num_components?: number;
  applied_labels?: number[];
  min_size?: number;
  independent_channels?: boolean;
  by_measure?: boolean;
  cross?: number;
  ballMm?: number;
  signed?: boolean;
}

function optionsOf(call: Call) {
  return {
    ...(call.connectivity && { connectivity: call.connectivity }),
    ...(call.independent !== undefined && { independent: call.independent }),
    ...(call.num_components && { numComponents: call.num_components }),
    ...(call.applied_labels && { appliedLabels: call.applied_labels }),
    ...(call.min_size && { minSize: call.min_size }),
    ...(call.independent_channels !== undefined && { independentChannels: call.independent_channels }),
    ...(call.by_measure && { byMeasure: call.by_measure }),
  };
}

type Operation = (map: LabelMap<Uint8Array>, call: Call) => ArrayLike<number>;

const OPERATIONS: Record<string, Operation> = {
  'connected-components': (map, call) => connectedComponents(map, call.connectivity).components,
  'keep-largest-connected-component': (map, call) => keepLargestConnectedComponent(map, optionsOf(call)).voxels,
  'remove-small-objects': (map, call) => removeSmallObjects(map, optionsOf(call)).voxels,
  'fill-holes': (map, call) => fillHoles(map, optionsOf(call)).voxels,
  'binary-erosion': (map, call) => binaryErosion(map, call as StructuringElement).voxels,
  'binary-dilation': (map, call) => binaryDilation(map, call as StructuringElement).voxels,
  'binary-opening': (map, call) => binaryOpening(map, call as StructuringElement).voxels,
  'binary-closing': (map, call) => binaryClosing(map, call as StructuringElement).voxels,
  'distance-transform': (map, call) => (call.signed ? signedDistanceMap(map) : distanceTransform(map)),
  'label-boundaries': (map) => labelBoundaries(map).voxels,
};

for (const [name, operation] of Object.entries(OPERATIONS)) {
  const golden = readGolden(`metrics/${name}`);
  test.each(golden.cases)(`${name} equals ${golden.parity}: $name`, (example) => {
    const labels = goldenLabels(example, 'labels');
    const before = labels.voxels.slice();
    (example.options['calls'] as Call[]).forEach((call, index) => {
      const error = largestError(operation(labels, call), example.expected[index] as GoldenTensor);
      expect(error, JSON.stringify(call)).toBeLessThanOrEqual(golden.tolerance);
    });
    expect(labels.voxels).toEqual(before);
  });
}

const labelMaps = fc
  .record({
    size: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 })),
    spacingMm: fc.tuple(
      ...([1, 2, 3].map(() => fc.double({ min: 0.3, max: 5, noNaN: true })) as [never, never, never]),
    ),
  })
  .chain(({ size, spacingMm }) =>
    fc
      .uint8Array({ minLength: size[0] * size[1] * size[2], maxLength: size[0] * size[1] * size[2], max: 2 })
      .map((voxels): LabelMap<Uint8Array> => ({ voxels, size, spacingMm: spacingMm as LabelMap['spacingMm'] })),
  );

function placeOf({ size, spacingMm }: LabelMap, index: number): [number, number, number] {
  const [x, y, z] = [index % size[0], Math.floor(index / size[0]) % size[1], Math.floor(index / size[0] / size[1])];
  return [x * spacingMm[0], y * spacingMm[1], z * spacingMm[2]];
}

test('the distance transform equals a search over all voxels', () => {
  fc.assert(
    fc.property(labelMaps, (map) => {
      const outside = Array.from(map.voxels.keys()).filter((i) => map.voxels[i] === 0);
      distanceTransform(map).forEach((got, index) => {
        const [x, y, z] = placeOf(map, index);
        const all = outside.map((other) => placeOf(map, other)).map(([a, b, c]) => Math.hypot(x - a, y - b, z - c));
        const nearest = map.voxels[index] === 0 ? 0 : Math.min(...all);
        if (nearest === Infinity) expect(got).toBe(Infinity);
        else expect(Math.abs(got - nearest)).toBeLessThanOrEqual(1e-12 * (1 + nearest));
      });
    }),
    { numRuns: 200 },
  );
});

test('components are the classes of the neighbour relation, of one label each, counted in raster order', () => {
  fc.assert(
    fc.property(labelMaps, fc.constantFrom<Connectivity>(1, 2, 3), (map, connectivity) => {
      const { components, count, sizes, labels } = connectedComponents(map, connectivity);
      const unit = { ...map, spacingMm: [1, 1, 1] as const };
      const flood = new Int32Array(map.voxels.length);
      let found = 0;
      for (let start = 0; start < flood.length; start++) {
        if (map.voxels[start] === 0 || flood[start] !== 0) continue;
        found++;
        const open = [start];
        flood[start] = found;
        for (let at = open.pop(); at !== undefined; at = open.pop()) {
          const here = placeOf(unit, at);
          for (let other = 0; other < flood.length; other++) {
            const steps = placeOf(unit, other).map((n, axis) => Math.abs(n - (here[axis] as number)));
            const isNeighbour = Math.max(...steps) === 1 && steps.reduce((a, b) => a + b) <= connectivity;
            if (!isNeighbour || flood[other] !== 0 || map.voxels[other] !== map.voxels[start]) continue;
            flood[other] = found;
            open.push(other);
          }
        }
        expect(labels[found]).toBe(map.voxels[start]);
      }
      expect(count).toBe(found);
      expect(components).toEqual(flood);
      expect(Array.from(sizes)).toEqual(Array.from(sizes.keys(), (k) => flood.filter((n) => n === k).length));
    }),
    { numRuns: 300 },
  );
});

test('small objects of each label go, whatever touches them', () => {
  const map = { voxels: Uint8Array.from([1, 1, 1, 2, 0, 1]), size: [6, 1, 1] as const, spacingMm: [1, 1, 2] as const };
  expect([...removeSmallObjects(map, { minSize: 2 }).voxels]).toEqual([1, 1, 1, 0, 0, 0]);
  expect([...removeSmallObjects(map, { minSize: 2, independentChannels: false }).voxels]).toEqual([1, 1, 1, 2, 0, 0]);
  expect([...removeSmallObjects(map, { minSize: 2, byMeasure: true }).voxels]).toEqual([1, 1, 1, 2, 0, 1]);
});

test('of equally large components the first of the raster stays', () => {
  const map = { voxels: Uint8Array.from([1, 0, 1, 0, 1]), size: [5, 1, 1] as const, spacingMm: [1, 1, 1] as const };
  expect([...keepLargestConnectedComponent(map).voxels]).toEqual([1, 0, 0, 0, 0]);
  expect([...keepLargestConnectedComponent(map, { numComponents: 2 }).voxels]).toEqual([1, 0, 1, 0, 0]);
});

test('refuses maps and elements that cannot be', () => {
  const map = { voxels: new Uint8Array(8), size: [2, 2, 2] as const, spacingMm: [1, 1, 1] as const };
  expect(() => connectedComponents({ ...map, size: [2, 2, 3] })).toThrow('SHAPE_MISMATCH');
  expect(() => connectedComponents(map, 4 as Connectivity)).toThrow('INVALID_ARGUMENT');
  expect(() => distanceTransform({ ...map, spacingMm: [1, 0, 1] })).toThrow('INVALID_ARGUMENT');
  expect(() => binaryDilation(map, { cross: 0.5 })).toThrow('INVALID_ARGUMENT');
  expect(() => binaryErosion(map, { ballMm: -1 })).toThrow('INVALID_ARGUMENT');
});
