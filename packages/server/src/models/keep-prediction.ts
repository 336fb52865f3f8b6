import type { SegmentLabel } from '@vesalius/api';
import { buildSegmentation, type Code, createDicomFile, type Segment, writeDicom } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import type { Volume } from '@vesalius/volume';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import { uidFrom } from '../store/uid-from.ts';
import type { ArchiveVolume } from '../volumes/series-volumes.ts';
import type { Model } from './model-registry.ts';

interface Outcome {
  readonly services: Services;
  readonly series: ArchiveVolume;
  readonly model: Model;
  readonly labels: Volume<Uint8Array>;
  readonly access: Access;
  /** Of the job: one that runs again keeps the same. */
  readonly id: string;
}

/** As the model's draft, from which people begin; a draft of it that is there already is replaced. */
export async function keepAsDraft({ services, series, model, labels, access }: Outcome) {
  const { annotations } = services;
  const annotator = { id: model.id, name: model.name, kind: 'model' } as const;
  const draft = await annotations.open(series.seriesInstanceUid, annotator, access);
  const content = { mask: labels.voxels, segments: model.labels, model: model.id };
  const saved = await annotations.save(draft.id, content, { ifRevision: draft.revision, access });
  return { annotation: saved.id };
}

/**
 * As a SEG in the series' study.
 *
 * @throws WRITE_FAILED when the archive refuses it
 */
export async function keepAsSegmentation({ services: { archive }, series, model, labels, id }: Outcome) {
  if (!labels.voxels.some((value) => value !== 0)) return { found: 'nothing' };
  const segmentation = buildSegmentation({
    source: series.sources,
    content: labels,
    segments: model.labels.map((label) => segmentOf(label, model)),
    sopInstanceUid: uidFrom(`${id} instance`),
    seriesInstanceUid: uidFrom(`${id} series`),
    seriesDescription: `${model.name} ${model.version}`.slice(0, 64),
    contentDescription: `Predicted by ${model.id}`.slice(0, 64),
  });
  const outcome = await archive.store(await writeDicom(createDicomFile(segmentation)), {
    source: { kind: 'product', from: `model ${model.id}` },
    project: series.project,
    access: { projects: [series.project] },
    study: series.studyInstanceUid,
  });
  // The job ran before and was cut off after this.
  if (outcome.status === 'refused' && outcome.reason !== 'duplicate instance')
    throw new VesaliusError('WRITE_FAILED', { what: `segmentation refused by the archive: ${outcome.what}` });
  return { segmentation: segmentation.string('SOPInstanceUID') };
}

const CATEGORY: Code = { value: '123037004', scheme: 'SCT', meaning: 'Anatomical Structure' };
const TYPE: Code = { value: '85756007', scheme: 'SCT', meaning: 'Tissue' };

function segmentOf({ value, name, color, category = CATEGORY, type = TYPE }: SegmentLabel, model: Model): Segment {
  const channel = (at: number) => Number.parseInt(color.slice(at, at + 2), 16);
  return {
    number: value,
    label: name,
    category,
    type,
    color: [channel(1), channel(3), channel(5)],
    algorithm: { type: 'AUTOMATIC', name: model.name.slice(0, 64), version: model.version },
  };
}
