import { buildParametricMap, codeNamed, createDicomFile, writeDicom } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import type { Services } from '../services.ts';
import { uidFrom } from '../store/uid-from.ts';
import type { ArchiveVolume } from '../volumes/series-volumes.ts';
import type { ExplanationMap, Model } from './model-registry.ts';

interface Explained {
  readonly services: Services;
  readonly series: ArchiveVolume;
  readonly model: Model;
  readonly maps: readonly ExplanationMap[];
  /** Of the job: one that runs again keeps the same. */
  readonly id: string;
}

/**
 * As parametric maps in the series' study, one series of them.
 *
 * @throws WRITE_FAILED when the archive refuses one
 */
export async function keepExplanation({ services: { archive }, series, model, maps, id }: Explained) {
  const seriesInstanceUid = uidFrom(`${id} maps`);
  const kept: { name: string; series: string; instance: string }[] = [];
  for (const { name, volume } of maps) {
    const sopInstanceUid = uidFrom(`${id} ${name}`);
    const map = buildParametricMap({
      source: series.sources,
      content: volume,
      unit: codeNamed('UCUM', 'NoUnits'),
      derivation: codeNamed('DCM', 'SegmentationImageDerivation'),
      label: name.slice(0, 16),
      explanation: `${name}, ${model.id}`.slice(0, 64),
      window: { center: 0.5, width: 1 },
      sopInstanceUid,
      seriesInstanceUid,
      seriesDescription: `Explanation of ${model.name}`.slice(0, 64),
    });
    const outcome = await archive.store(await writeDicom(createDicomFile(map)), {
      source: { kind: 'product', from: `model ${model.id}` },
      project: series.project,
      access: { projects: [series.project] },
      study: series.studyInstanceUid,
    });
    // The job ran before and was cut off after this.
    if (outcome.status === 'refused' && outcome.reason !== 'duplicate instance')
      throw new VesaliusError('WRITE_FAILED', { what: `map refused by the archive: ${outcome.what}` });
    kept.push({ name, series: seriesInstanceUid, instance: sopInstanceUid });
  }
  return { maps: kept };
}
