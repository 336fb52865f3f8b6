import { Random } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { computeRocAuc } from '../metrics/roc-auc.ts';
import { classificationReport } from './classification-report.ts';
import { classifyByNeighbours } from './nearest-neighbours.ts';
import { drawPatients, patientsInSeveralParts } from './patient-parts.ts';

/** Scores of cases, five of each patient, who all score alike. */
function clustered(patientCount: number) {
  const random = new Random(3);
  const [probabilities, truth, patients]: [number[], number[], string[]] = [[], [], []];
  for (let p = 0; p < patientCount; p++) {
    const label = p % 2;
    const score = 1 / (1 + Math.exp(-(label - 0.5 + 1.5 * random.normal())));
    for (let i = 0; i < 5; i++) {
      probabilities.push(score);
      truth.push(label);
      patients.push(`p${p}`);
    }
  }
  return { probabilities, truth, patients };
}

test('cases of one patient are drawn together, which makes the interval as wide as it is', () => {
  const { patients, ...cases } = clustered(60);
  const alone = classificationReport(cases, { resamples: 400 });
  const together = classificationReport({ ...cases, patients }, { resamples: 400 });
  expect(together).toMatchObject({ cases: 300, positives: 150, patients: 60 });
  expect(together.auc.value).toBeCloseTo(computeRocAuc(cases.probabilities, cases.truth), 12);
  const width = ({ low, high }: { low: number; high: number }): number => high - low;
  expect(width(together.aucBootstrap) / width(alone.aucBootstrap)).toBeGreaterThan(1.8);
  expect(width(alone.aucBootstrap) / width(alone.auc)).toBeCloseTo(1, 0);
  expect(alone.patients).toBeUndefined();
});

test('each group has its own figures, and none where it is of one kind', () => {
  const { probabilities, truth } = clustered(20);
  const groups = new Map([['device', truth.map((label, i) => (i < 50 ? 'A' : label === 1 ? 'B' : 'C'))]]);
  const { groups: table } = classificationReport({ probabilities, truth, groups }, { resamples: 50 });
  expect(table.map(({ group, value, cases, positives }) => [group, value, cases, positives])).toEqual([
    ['device', 'A', 50, 25],
    ['device', 'B', 25, 25],
    ['device', 'C', 25, 0],
  ]);
  expect(table[0]?.auc.value).toBeCloseTo(computeRocAuc(probabilities.slice(0, 50), truth.slice(0, 50)), 12);
  expect(table[1]?.auc.value).toBeNaN();
});

test('a patient in two parts is found', () => {
  expect(patientsInSeveralParts([['a', 'b', 'a'], ['c', 'b'], ['a']])).toEqual(['a', 'b']);
  expect(patientsInSeveralParts([['a', 'a'], ['b']])).toEqual([]);
});

test('a share of the patients is drawn, of every class alike, and never half a patient', () => {
  const { truth, patients } = clustered(40);
  const drawn = drawPatients(truth, { share: 0.25, seed: 1, patients });
  expect(drawn).toHaveLength(50);
  expect(drawn.filter((i) => truth[i] === 1)).toHaveLength(25);
  const rest = patients.filter((_, i) => !drawn.includes(i));
  expect(patientsInSeveralParts([drawn.map((i) => patients[i] ?? ''), rest])).toEqual([]);
  expect(drawPatients(truth, { share: 0.25, seed: 1, patients })).toEqual(drawn);
  expect(drawPatients(truth, { share: 0.001, seed: 1, patients })).toHaveLength(10);
  expect(drawPatients(truth, { share: 1, seed: 1, patients })).toHaveLength(200);
  expect(() => drawPatients(truth, { share: 0, seed: 1 })).toThrow(/INVALID_ARGUMENT/);
});

test('neighbours vote by their direction, not by their length', () => {
  const known = { features: Float32Array.of(1, 0, 0.9, 0.1, 0, 5, 0.1, 9), labels: [0, 0, 1, 1] };
  const votes = classifyByNeighbours(known, Float32Array.of(100, 1, 0.01, 0.2), { width: 2, numClasses: 2, k: 2 });
  expect([...votes].map(Math.round)).toEqual([1, 0, 0, 1]);
  const all = classifyByNeighbours(known, Float32Array.of(1, 1), { width: 2, numClasses: 2, temperature: 1e9 });
  expect(all[0]).toBeCloseTo(0.5, 5);
  expect(() => classifyByNeighbours(known, Float32Array.of(1), { width: 2, numClasses: 2 })).toThrow(/SHAPE_MISMATCH/);
});
