import { type DataSet, fromJson } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { arrangeStudy } from './arrange-study.ts';
import type { ViewerStudy } from './viewer-series.ts';

/** Metadata of a study in one request. @throws PEER_REFUSED */
export async function fetchStudy(studyInstanceUid: string, signal: AbortSignal): Promise<ViewerStudy> {
  const response = await fetch(`/dicom-web/studies/${encodeURIComponent(studyInstanceUid)}/metadata`, {
    headers: { accept: 'application/dicom+json' },
    signal,
  });
  if (!response.ok) throw new VesaliusError('PEER_REFUSED', { what: 'metadata of the study', got: response.status });
  const json = (await response.json()) as readonly Record<string, { BulkDataURI?: string }>[];
  const instances: DataSet[] = [];
  for (const instance of json) instances.push(await fromJson(withoutBulkData(instance)));
  return arrangeStudy(studyInstanceUid, instances);
}

/** Pixels are fetched frame by frame; what else is too large for metadata is not shown. */
function withoutBulkData(instance: Record<string, { BulkDataURI?: string }>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(instance).filter(([, { BulkDataURI }]) => BulkDataURI === undefined));
}
