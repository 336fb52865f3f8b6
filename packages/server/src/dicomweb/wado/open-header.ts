import { type DicomHeader, type RandomAccess, readDicomHeader } from '@vesalius/dicom';
import type { Archive, InstanceRecord } from '../../store/archive.ts';
import { READ_LIMITS } from '../pixels/decoding-limits.ts';

/** An instance that is open, its header read. */
export interface OpenInstance {
  readonly source: RandomAccess;
  readonly header: DicomHeader;
}

const KEPT = 32;
/** Bytes never change under their hash: what was read of them stays true. */
const headers = new Map<string, Promise<DicomHeader>>();

/** Opens an instance; viewers ask for one frame after another, so that the last headers are kept. */
export async function openInstance(archive: Archive, record: InstanceRecord): Promise<OpenInstance> {
  const source = archive.open(record);
  const known = headers.get(record.sha256);
  const header = known ?? readDicomHeader(source, { limits: READ_LIMITS });
  headers.delete(record.sha256);
  headers.set(record.sha256, header);
  if (headers.size > KEPT) headers.delete(headers.keys().next().value ?? '');
  if (known === undefined) forgetUnlessSmall(record.sha256, header);
  return { source, header: await header };
}

/** The header of a deflated file holds its pixels too. */
function forgetUnlessSmall(sha256: string, header: Promise<DicomHeader>): void {
  const forget = () => headers.delete(sha256);
  header.then(({ next }) => next === undefined && forget(), forget);
}
