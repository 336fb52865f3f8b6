import type { Triple } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { generateChestPhantom } from '../phantom/generate-chest-phantom.ts';
import { createDetectionBatches } from './detection-batches.ts';
import { type DetectionCase, detectionCase } from './detection-case.ts';
import { detectionFigures } from './detection-figures.ts';
import { NODULE_DETECTOR } from './detector-setup.ts';
import { createDetectorTrainer } from './detector-trainer.ts';
import { createNoduleDetector } from './nodule-detector.ts';

const SETUP = {
  ...NODULE_DETECTOR,
  spacingMm: 2,
  patchSize: [32, 32, 32],
  batchSize: 4,
  channels: [8, 16, 32],
} as const;
const SMALL = { size: [56, 48, 40], spacingMm: [2, 2, 2] } as const;

/** Air, and one voxel that is bright. */
function bright(place: Triple): DetectionCase {
  const shape = [40, 44, 48] as const;
  const data = new Float32Array(shape[0] * shape[1] * shape[2]).fill(-1);
  data[(place[0] * shape[1] + place[1]) * shape[2] + place[2]] = 1;
  return { data, shape, findings: [{ place, diameterMm: 8 }] };
}

test('a phantom has nodules where it says, and the same ones again', () => {
  const { image, findings } = generateChestPhantom('a');
  expect(generateChestPhantom('a').findings).toEqual(findings);
  expect(findings.length).toBeGreaterThan(0);
  const { scan } = detectionCase(image, findings, SETUP);
  for (const { place } of scan.findings) {
    const [z, y, x] = place.map(Math.round) as [number, number, number];
    const at = (z * scan.shape[1] + y) * scan.shape[2] + x;
    // Soft tissue, where lung around it is below -800.
    expect(((scan.data[at] as number) + 1) * 700 - 1000).toBeGreaterThan(-200);
  }
});

test('targets stand where the finding is, however a patch is mirrored', () => {
  const scan = bright([21, 17, 30]);
  const batchOf = createDetectionBatches([scan], { ...SETUP, findingShare: 1 }, 3);
  let seen = 0;
  for (let step = 1; step <= 20; step++) {
    const { image, heat, size } = batchOf(step);
    for (let i = 0; i < SETUP.batchSize; i++) {
      const patch = image.subarray(i * 32 ** 3, (i + 1) * 32 ** 3);
      const brightest = patch.indexOf(Math.max(...patch));
      const places = heat.subarray(i * 16 ** 3, (i + 1) * 16 ** 3);
      const centre = places.indexOf(1);
      expect(places.filter((value) => value === 1)).toHaveLength(1);
      expect(size[i * 16 ** 3 + centre]).toBeCloseTo(Math.log(0.8), 5);
      const [voxel, place] = [split(brightest, 32), split(centre, 16)];
      for (let axis = 0; axis < 3; axis++)
        expect(Math.abs((voxel[axis] as number) - (2 * (place[axis] as number) + 0.5))).toBeLessThanOrEqual(1.5);
      seen++;
    }
  }
  expect(seen).toBe(80);
});

const split = (index: number, side: number): number[] => [
  Math.floor(index / side ** 2),
  Math.floor(index / side) % side,
  index % side,
];

test('counts hits within the radius, second ones not at all, and misses at no threshold', () => {
  const at = (x: number, score: number) => ({ centreMm: [x, 0, 0] as Triple, diameterMm: 6, score });
  const finding = (x: number) => ({ centreMm: [x, 0, 0] as Triple, diameterMm: 10 });
  const { sensitivities, score, findings } = detectionFigures([
    { findings: [finding(0), finding(50)], candidates: [at(4.9, 0.9), at(-1, 0.8), at(5.1, 0.7)] },
    { findings: [finding(0)], candidates: [at(30, 0.6), at(0, 0.5)] },
  ]);
  expect(findings).toBe(3);
  // Alarms at 0.7 and 0.6, one for each scan; the second scan's finding comes behind both.
  expect(sensitivities[0]).toBeCloseTo(1 / 3, 9);
  expect(sensitivities[3]).toBeCloseTo(2 / 3, 9);
  expect(sensitivities[6]).toBeCloseTo(2 / 3, 9);
  expect(score.estimate).toBeLessThan(2 / 3);
  const perfect = detectionFigures([{ findings: [finding(0)], candidates: [at(0, 0.5)] }]);
  expect(perfect.sensitivities).toEqual(Array.from({ length: 7 }, () => 1));
});

test('learns to find nodules in scans it has not seen, and goes on from where it was', {
  timeout: 120_000,
}, async () => {
  const caseOf = (seed: string) => {
    const { image, findings } = generateChestPhantom(seed, SMALL);
    return { image, findings, scan: detectionCase(image, findings, SETUP).scan };
  };
  const cases = Array.from({ length: 12 }, (_, i) => caseOf(`training ${i}`).scan);
  const unseen = Array.from({ length: 6 }, (_, i) => caseOf(`unseen ${i}`));
  const scoreOf = async (weights: Parameters<typeof createNoduleDetector>[0]['weights']) => {
    const detector = await createNoduleDetector({ setup: SETUP, weights, threads: 1 });
    const scans = [];
    for (const { image, findings } of unseen) scans.push({ findings, candidates: await detector.find(image) });
    await detector.close();
    return detectionFigures(scans).score.estimate;
  };
  const trainer = await createDetectorTrainer(cases, SETUP, { seed: 1, threads: 1 });
  const before = await scoreOf(trainer.weights());
  while (trainer.step < 80) await trainer.advance(160);
  const resume = { states: trainer.save(), step: trainer.step };
  const resumed = await createDetectorTrainer(cases, SETUP, { seed: 1, threads: 1, resume });
  expect(await resumed.advance(160)).toBe(await trainer.advance(160));
  await resumed.close();
  while (trainer.step < 160) await trainer.advance(160);
  expect(before).toBeLessThan(0.2);
  expect(await scoreOf(trainer.weights())).toBeGreaterThan(0.5);
  await trainer.close();
});
