import type { SegmentLabel } from '@vesalius/api';
import {
  buildSegmentation,
  codeNamed,
  createDicomFile,
  type Segment,
  type SegmentAlgorithm,
  writeDicom,
} from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { createVolume } from '@vesalius/volume';
import type { Principal } from '../http/principal.ts';
import { Refusal } from '../http/refusal.ts';
import type { Archive, InstanceKey } from '../store/archive.ts';
import type { ArchiveVolume, SeriesVolumes } from '../volumes/series-volumes.ts';
import { type AnnotationRows, annotationOf } from './annotation-rows.ts';
import type { Annotation } from './annotations.ts';
import { personOf } from './annotator-of.ts';
import type { AnnotationRow } from './tables.ts';

interface SubmitParts {
  readonly rows: AnnotationRows;
  readonly archive: Archive;
  readonly volumes: SeriesVolumes;
}

interface Submission {
  readonly mask: Uint8Array<ArrayBuffer>;
  readonly by: Principal;
}

/** Writes the SEG, then the row that names it. What was handed in before stays in the archive as it is. */
export async function submitRow(parts: SubmitParts, row: AnnotationRow, { mask, by }: Submission): Promise<Annotation> {
  const { rows, archive, volumes } = parts;
  const annotation = annotationOf(row);
  if (!(row.state === 'draft' || row.state === 'rejected') || row.revision === 0 || annotation.segments.length === 0)
    throw new Refusal('CONFLICT', {
      what: 'label map',
      got: row.state === 'draft' ? 'nothing in it' : row.state,
      expected: 'a draft with classes',
    });
  const access = { projects: [row.project] };
  const series = await volumes.read(row.series, access);
  const { name } = personOf(by);
  const instance = await store(archive, await segmentationFile({ annotation, series, mask, name }), row.project);
  const submitted: AnnotationRow = {
    ...row,
    ...{ state: 'submitted', updated_at: new Date().toISOString() },
    ...{ segmentation_series: instance.seriesInstanceUid, segmentation_instance: instance.sopInstanceUid },
    ...{ review_by: null, review_at: null, review_comment: null },
  };
  if (await rows.change(row, submitted, name)) return annotationOf(submitted);
  await archive.remove({ study: row.study, series: instance.seriesInstanceUid }, access);
  throw new Refusal('REVISION_CONFLICT', { what: 'label map', got: 'a save came between', expected: 'the newest' });
}

interface SegmentationRequest extends Pick<Submission, 'mask'> {
  readonly annotation: Annotation;
  readonly series: ArchiveVolume;
  readonly name: string;
}

function segmentationFile({ annotation, series, mask, name }: SegmentationRequest): Promise<Uint8Array> {
  const { volume, sources } = series;
  if (volume.size.some((n, axis) => n !== annotation.size[axis]))
    throw new VesaliusError('GEOMETRY_MISMATCH', {
      what: 'series, which has changed since it was annotated',
      got: volume.size,
      expected: annotation.size,
    });
  const algorithm = algorithmOf(annotation);
  const dataSet = buildSegmentation({
    source: sources,
    content: createVolume({ voxels: mask, size: annotation.size, voxelToLps: volume.voxelToLps }),
    segments: annotation.segments.toSorted((a, b) => a.value - b.value).map((label) => segmentOf(label, algorithm)),
    seriesDescription: 'Segmentation',
    contentCreatorName: name.replaceAll(/[\\^=\p{Cc}]/gu, ' ').slice(0, 64),
  });
  return writeDicom(createDicomFile(dataSet));
}

function algorithmOf({ model, annotator }: Annotation): SegmentAlgorithm {
  const name = annotator.kind === 'model' ? annotator.name : model;
  if (name === undefined) return { type: 'MANUAL' };
  const family = codeNamed('DCM', 'ArtificialIntelligence');
  return { type: annotator.kind === 'model' ? 'AUTOMATIC' : 'SEMIAUTOMATIC', name: name.slice(0, 64), family };
}

function segmentOf({ value, name, color, category, type }: SegmentLabel, algorithm: SegmentAlgorithm): Segment {
  const tissue = codeNamed('SCT', 'Tissue');
  const bytes = Buffer.from(color.slice(1), 'hex');
  return {
    ...{ number: value, label: name, category: category ?? tissue, type: type ?? tissue, algorithm },
    color: [bytes[0] ?? 0, bytes[1] ?? 0, bytes[2] ?? 0],
  };
}

async function store(archive: Archive, file: Uint8Array, project: string): Promise<InstanceKey> {
  const source = { kind: 'product', from: 'annotations' } as const;
  const outcome = await archive.store(file, { source, project, access: { projects: [project] } });
  if (outcome.status !== 'refused') return outcome.instance;
  throw new VesaliusError('WRITE_FAILED', { what: `segmentation: ${outcome.what}`, got: outcome.reason });
}
