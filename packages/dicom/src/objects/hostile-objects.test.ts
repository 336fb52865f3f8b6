import { VesaliusError } from '@vesalius/errors';
import { expect, test } from 'vitest';
import { allObjects } from '../../../../tests/conformance/write-objects.ts';
import { readParametricMap } from '../parametric-map/read-parametric-map.ts';
import { type DicomFile, readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { readPresentationState } from '../presentation-state/read-presentation-state.ts';
import { readStructureSet } from '../rtstruct/read-structure-set.ts';
import { readSegmentation } from '../segmentation/read-segmentation.ts';
import { readContentTree } from '../structured-report/read-content.ts';
import { readMeasurementReport } from '../structured-report/read-measurement-report.ts';

const READERS: readonly ((file: DicomFile) => unknown)[] = [
  async (file) => (await readSegmentation(file)).labels(),
  readParametricMap,
  ({ dataSet }) => readMeasurementReport(dataSet),
  ({ dataSet }) => readContentTree(dataSet),
  ({ dataSet }) => readPresentationState(dataSet),
  ({ dataSet }) => readStructureSet(dataSet),
];

/** Three bytes changed, or bytes cut away, as a number says. */
function broken(bytes: Uint8Array, seed: number): Uint8Array {
  const copy = bytes.slice();
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  // Numbers in the text of values are what readers of objects trust.
  for (let i = 0; i < 3; i++) copy[132 + next(copy.length - 132)] = next(2) ? next(256) : 0x30 + next(10);
  return next(4) ? copy : copy.subarray(0, 132 + next(copy.length - 132));
}

test('readers of objects refuse broken files by an error of ours, quickly', { timeout: 60_000 }, async () => {
  const whole = await Promise.all(Object.values(allObjects()).map((one) => writeDicom(createDicomFile(one))));
  for (let i = 0; i < 300; i++) {
    const bytes = broken(whole[i % whole.length] as Uint8Array, i + 1);
    const file = await readDicom(bytes).catch(() => undefined);
    if (file === undefined) continue;
    for (const read of READERS) {
      const start = performance.now();
      const error = await Promise.resolve(file)
        .then(read)
        .then(
          () => undefined,
          (cause: unknown) => cause,
        );
      if (error !== undefined) expect(error, `file ${i}`).toBeInstanceOf(VesaliusError);
      expect(performance.now() - start, `file ${i}`).toBeLessThan(5000);
    }
  }
});
