import { VesaliusError } from '@vesalius/errors';
import { resample, sameGrid, type Volume } from '@vesalius/volume';
import type { Access } from '../store/archive.ts';
import type { ArchiveVolume, SeriesVolumes } from '../volumes/series-volumes.ts';

interface Channels {
  /** Series, in the order of the model's channels. */
  readonly channels: readonly string[];
  readonly access: Access;
  readonly signal: AbortSignal;
}

/**
 * The series of a model's channels, all on the grid of one series.
 *
 * @throws DATA_MISMATCH for a series of another study or another frame of reference, and as `SeriesVolumes.read`
 */
export async function readChannels(
  volumes: SeriesVolumes,
  on: ArchiveVolume,
  { channels, access, signal }: Channels,
): Promise<readonly Volume[]> {
  const read: Volume[] = [];
  for (const series of channels) {
    const found = await volumes.read(series, access, signal);
    if (found.studyInstanceUid !== on.studyInstanceUid || frameOf(found) !== frameOf(on))
      throw new VesaliusError('DATA_MISMATCH', {
        what: 'series of a channel',
        got: series,
        expected: 'one of the same study and frame of reference',
      });
    const { volume } = found;
    const { size, voxelToLps } = on.volume;
    read.push(sameGrid(volume, on.volume) ? volume : resample(volume, { size, voxelToLps, interpolation: 'linear' }));
  }
  return read;
}

function frameOf({ sources }: ArchiveVolume): string {
  return sources[0]?.string('FrameOfReferenceUID') ?? '';
}
