import { buildSeries, createDicomFile, writeDicom } from '@vesalius/dicom';
import { createVolume } from '@vesalius/volume';
import type { Services } from '../services.ts';

const SIDE = 16;
const SPOT = { value: 1, name: 'spot', color: '#e69f00' };
const ACCESS = { projects: ['default'] };

/** Scans of a bright ball in noise, two of each patient, each with its label map handed in: what tests train on. */
export async function storeLabelled(
  { archive, annotations }: Pick<Services, 'archive' | 'annotations'>,
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const mask = Uint8Array.from({ length: SIDE ** 3 }, (_, at) => (isInside(at, i) ? 1 : 0));
    const voxels = Int16Array.from(mask, (value, at) => 300 * value + ((at * 7919 + i) % 101));
    const subject = { PatientID: `secret-${i >> 1}`, PatientName: 'Secret^Name', StudyInstanceUID: `1.2.3.${i + 1}` };
    const slices = buildSeries(createVolume({ voxels, size: [SIDE, SIDE, SIDE] }), { modality: 'MR', subject });
    for (const slice of slices) {
      const source = { kind: 'import', from: 'test' } as const;
      await archive.store(await writeDicom(createDicomFile(slice)), { source, project: 'default', access: ACCESS });
    }
    const annotator = { id: 'a', name: 'A', kind: 'person' } as const;
    const draft = await annotations.open(slices[0]?.string('SeriesInstanceUID') ?? '', annotator, ACCESS);
    await annotations.save(
      draft.id,
      { mask, segments: [SPOT], secondsSpent: 60 },
      { ifRevision: draft.revision, access: ACCESS },
    );
    await annotations.submit(draft.id, { id: 'a', kind: 'user', name: 'A', accessFor: () => ACCESS }, ACCESS);
  }
}

function isInside(at: number, i: number): boolean {
  const [x, y, z] = [at % SIDE, Math.floor(at / SIDE) % SIDE, Math.floor(at / SIDE ** 2)];
  return (x - 6 - i) ** 2 + (y - 8) ** 2 + (z - 7) ** 2 < 16;
}
