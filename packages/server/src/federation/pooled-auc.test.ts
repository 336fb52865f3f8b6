import { computeRocAuc } from '@vesalius/medical';
import { expect, test } from 'vitest';
import { pooledAuc } from './pooled-auc.ts';

test('counts of two sites give the area under the curve of all their images', () => {
  const a = { negatives: [5, 2, 1, 0], positives: [1, 0, 3, 2] };
  const b = { negatives: [3, 3, 0, 1], positives: [0, 2, 2, 4] };
  const of = (key: 'negatives' | 'positives') =>
    [a, b].flatMap((site) => site[key].flatMap((count, bin) => new Array<number>(count).fill(bin)));
  const scores = [...of('negatives'), ...of('positives')];
  const truth = [...of('negatives').map(() => 0), ...of('positives').map(() => 1)];
  const pooled = pooledAuc([a, b]);
  expect(pooled?.auc).toBeCloseTo(computeRocAuc(scores, truth), 12);
  expect(pooled?.interval[0]).toBeLessThan(pooled?.auc ?? 0);
  expect(pooled?.interval[1]).toBeGreaterThan(pooled?.auc ?? 1);
  expect(pooledAuc([{ negatives: [3], positives: [0] }])).toBeUndefined();
});
