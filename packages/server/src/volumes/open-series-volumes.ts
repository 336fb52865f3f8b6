import { createHash } from 'node:crypto';
import { totalmem } from 'node:os';
import { VesaliusError } from '@vesalius/errors';
import type { Access, Archive, InstanceRecord } from '../store/archive.ts';
import { LastUsed } from './last-used.ts';
import { readArchiveVolume } from './read-archive-volume.ts';
import type { ArchiveVolume, SeriesVolumes } from './series-volumes.ts';

const STUDY = '0020000D';
const SERIES = '0020000E';
const MODALITY = '00080060';
/** Of the machine's memory, for volumes that were read last. */
const SHARE = 1 / 16;
const LEAST_BYTES = 256 << 20;

type Source = Pick<Archive, 'find' | 'instances' | 'open'>;

interface SeriesVolumesOptions {
  /** Of what is kept in memory; a volume larger than that is read each time. */
  readonly keepBytes?: number;
}

/** Series as volumes over the archive. Requests for one series at the same time share one reading. */
export function openSeriesVolumes(archive: Source, options: SeriesVolumesOptions = {}): SeriesVolumes {
  const kept = new LastUsed<ArchiveVolume>(options.keepBytes ?? Math.max(LEAST_BYTES, totalmem() * SHARE));
  const underWay = new Map<string, Promise<ArchiveVolume>>();

  const share = (key: string, start: () => Promise<ArchiveVolume>): Promise<ArchiveVolume> => {
    const running = underWay.get(key) ?? start().finally(() => underWay.delete(key));
    underWay.set(key, running);
    return running;
  };

  return {
    read: async (seriesInstanceUid, access, signal) => {
      signal?.throwIfAborted();
      const { instances, modality } = await findSeries(archive, seriesInstanceUid, access);
      const key = keyOf(instances);
      const known = kept.get(key);
      if (known) return known;
      const reading = share(key, async () => {
        const volume = await readArchiveVolume(archive, instances, modality);
        kept.set(key, volume, bytesOf(volume));
        return volume;
      });
      return signal ? await orAborted(reading, signal) : await reading;
    },
  };
}

async function findSeries(archive: Source, series: string, access: Access) {
  const match = /^[\d.]{1,64}$/.test(series) ? [{ tag: SERIES, value: series }] : [];
  const query = { level: 'SERIES', match, include: [STUDY, MODALITY], limit: 1, access } as const;
  const found = match.length === 0 ? undefined : (await archive.find(query)).matches[0];
  const instances = found ? await archive.instances({ study: String(found[STUDY]?.Value?.[0]), series }, access) : [];
  if (instances.length === 0) throw new VesaliusError('FILE_NOT_FOUND', { what: 'series' });
  return { instances, modality: String(found?.[MODALITY]?.Value?.[0] ?? '') };
}

/** Another as soon as an instance comes, goes, or the study moves. */
function keyOf(instances: readonly InstanceRecord[]): string {
  const hash = createHash('sha256');
  for (const { project, sopInstanceUid, sha256 } of instances) hash.update(`${project} ${sopInstanceUid} ${sha256}\n`);
  return hash.digest('hex');
}

/** A data set without pixels, held in memory. */
const SOURCE_BYTES = 8192;

function bytesOf({ volume, sources }: ArchiveVolume): number {
  return volume.voxels.byteLength + sources.length * SOURCE_BYTES;
}

/** The reading goes on for others that wait for it. */
function orAborted<Value>(reading: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return Promise.race([reading, promise]).finally(() => signal.removeEventListener('abort', abort));
}
