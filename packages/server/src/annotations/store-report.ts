import { createDicomFile, type Observer, readDicomHeader, reportSegmentation, writeDicom } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import type { Archive, InstanceKey } from '../store/archive.ts';
import type { Annotation } from './annotations.ts';

interface Signed {
  readonly annotation: Annotation;
  /** Who signs it off. */
  readonly verifier: string;
  readonly organization: string;
}

/**
 * Writes the report of a label map that is signed off: the volume of each class, measured on the SEG that was handed in. FHIR's report follows
 * the archive.
 *
 * @returns nothing where the SEG has gone from the archive
 */
export async function storeReport(archive: Archive, signed: Signed): Promise<InstanceKey | undefined> {
  const { annotation, verifier, organization } = signed;
  const access = { projects: [annotation.project] };
  const { series, instance } = annotation.segmentation ?? {};
  if (series === undefined || instance === undefined) return undefined;
  const [record] = await archive.instances({ study: annotation.study, series, instance }, access);
  if (record === undefined) return undefined;
  const report = reportSegmentation({
    segmentation: (await readDicomHeader(archive.open(record))).dataSet,
    observers: observersOf(annotation),
    volumesMm3: volumesOf(annotation),
    verified: { name: personName(verifier), organization, at: new Date() },
    seriesDescription: 'Volumes',
  });
  const source = { kind: 'product', from: 'annotations' } as const;
  const { project } = annotation;
  const outcome = await archive.store(await writeDicom(createDicomFile(report)), { source, project, access });
  if (outcome.status !== 'refused') return outcome.instance;
  throw new VesaliusError('WRITE_FAILED', { what: `report: ${outcome.what}`, got: outcome.reason });
}

/** PN keeps `^`, `=` and backslashes for itself. */
const personName = (name: string): string => name.replaceAll(/[\\^=\p{Cc}]/gu, ' ').slice(0, 64);

function observersOf({ annotator }: Annotation): Observer[] {
  return [{ kind: 'person', name: personName(annotator.name) }];
}

/** Of each segment: its voxels times the volume of one. A SEG numbers its segments from 1, in the order of their values. */
function volumesOf({ voxels, voxelToLps, segments }: Annotation): Map<number, number> {
  const at = (row: number, column: number) => voxelToLps[4 * row + column] ?? 0;
  const minor = (a: number, b: number) => at(1, a) * at(2, b) - at(1, b) * at(2, a);
  const voxelMm3 = Math.abs(at(0, 0) * minor(1, 2) - at(0, 1) * minor(0, 2) + at(0, 2) * minor(0, 1));
  const ordered = segments.toSorted((one, other) => one.value - other.value);
  return new Map(ordered.map(({ value }, i) => [i + 1, (voxels[value] ?? 0) * voxelMm3]));
}
