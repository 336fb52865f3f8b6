import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewTraining } from '@vesalius/api';
import { writeFolderAtomic } from '@vesalius/bundle/files';
import { createVolume, writeVolume } from '@vesalius/volume';
import type { LabelSource } from '../models/model-registry.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import { labelledSeries, numberClasses, renumbered } from './labelled-series.ts';

interface ExportOptions {
  readonly request: NewTraining;
  readonly folder: string;
  readonly signal: AbortSignal;
  progress(done: number, total: number): void;
  /** Told before the folder is there, so that a folder is never without. */
  keepSources?(sources: readonly LabelSource[]): Promise<void>;
}

/** What stands in a case's name of its patient: numbers alone, since names go into the bundle, which leaves the house. */
export const PATIENT_RULE = '^p[0-9]+';

/**
 * Writes the labelled series of a project as a data folder in the manner of nnU-Net: whole or not at all. Patients are numbered, so that
 * none is split and none can be told.
 *
 * @returns how many cases
 * @throws DATA_MISMATCH for fewer than two, as `SeriesVolumes.read`
 */
export async function exportLabelled(
  { annotations, volumes }: Pick<Services, 'annotations' | 'volumes'>,
  { request, folder, signal, progress, keepSources }: ExportOptions,
): Promise<number> {
  const access: Access = { projects: [request.project] };
  const chosen = await labelledSeries(annotations, request);
  const numbers = numberClasses(await annotations.labelsOf(request.project), chosen);
  const patients = new Map<string, number>();
  const modalities = new Set<string>();
  const learned: LabelSource[] = [];
  const fill = async (inside: string) => {
    for (const part of ['imagesTr', 'labelsTr']) await mkdir(join(inside, part), { recursive: true });
    for (const [i, annotation] of chosen.entries()) {
      signal.throwIfAborted();
      const { volume, sources, modality, studyInstanceUid } = await volumes.read(annotation.series, access, signal);
      const patient = sources[0]?.string('PatientID') || studyInstanceUid;
      const number = patients.get(patient) ?? patients.size + 1;
      patients.set(patient, number);
      modalities.add(modality);
      const name = `p${padded(number)}-s${padded(i + 1)}`;
      const voxels = renumbered(await annotations.readMask(annotation.id, access), annotation, numbers);
      const label = createVolume({ voxels, size: volume.size, voxelToLps: volume.voxelToLps });
      await writeFile(join(inside, 'imagesTr', `${name}_0000.nii.gz`), await writeVolume(volume, 'image.nii.gz'));
      await writeFile(join(inside, 'labelsTr', `${name}.nii.gz`), await writeVolume(label, 'label.nii.gz'));
      const { id, revision, study, series, secondsSpent } = annotation;
      learned.push({ case: name, annotation: id, revision, study, series, secondsSpent });
      progress(i + 1, chosen.length);
    }
    const description = {
      name: request.name,
      channel_names: { 0: modalities.size === 1 ? [...modalities][0] || 'image' : 'image' },
      labels: { background: 0, ...Object.fromEntries(numbers) },
      numTraining: chosen.length,
      file_ending: '.nii.gz',
    };
    await writeFile(join(inside, 'dataset.json'), `${JSON.stringify(description, null, 2)}\n`);
    await keepSources?.(learned);
  };
  await writeFolderAtomic(folder, { fill, replaceIfHolding: ['dataset.json'] });
  return chosen.length;
}

function padded(number: number): string {
  return String(number).padStart(4, '0');
}
