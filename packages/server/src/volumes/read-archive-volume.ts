import {
  type DataSet,
  type DicomFile,
  EXPLICIT_LITTLE,
  encodeDataSet,
  parseDataSet,
  readDicom,
  readSeries,
  type SeriesReading,
  type SeriesVolume,
} from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { createVolume, type Volume, voxelsPerFrame } from '@vesalius/volume';
import type { Archive, InstanceRecord } from '../store/archive.ts';
import type { ArchiveVolume } from './series-volumes.ts';

/** Objects about images have frames too, which are no images. */
const DERIVED = new Set(['SEG', 'PR', 'RTDOSE', 'RTSTRUCT', 'SR', 'KO', 'PMAP']);
/** Of one series; decoded it may be larger. */
const MOST_BYTES = 4 * (1 << 30);

/** @throws FILE_UNSUPPORTED for what is no image, LIMIT_EXCEEDED, the reading's own reason where the slices are no volume */
export async function readArchiveVolume(
  archive: Pick<Archive, 'open'>,
  records: readonly InstanceRecord[],
  modality: string,
): Promise<ArchiveVolume> {
  const images = records.filter(({ frames }) => frames > 0);
  const [first] = images;
  if (!first || DERIVED.has(modality))
    throw new VesaliusError('FILE_UNSUPPORTED', { what: 'series', got: modality, expected: 'images' });
  const bytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes > MOST_BYTES)
    throw new VesaliusError('LIMIT_EXCEEDED', { what: 'bytes of a series', got: bytes, expected: MOST_BYTES });
  const files: DicomFile[] = [];
  for (const record of images) files.push(await readInstance(archive, record));
  const series = largestOf(await readSeries(files));
  const slices = series.frames.slice(0, series.frames.length / series.volume.timePoints);
  const sources = [...new Set(slices.map(({ dataSet }) => dataSet))];
  return {
    project: first.project,
    studyInstanceUid: first.studyInstanceUid,
    seriesInstanceUid: first.seriesInstanceUid,
    modality,
    volume: firstTimePoint(series.volume),
    instances: sources.map((dataSet) => dataSet.string('SOPInstanceUID') ?? ''),
    sources: sources.map(withoutPixels),
  };
}

async function readInstance(archive: Pick<Archive, 'open'>, record: InstanceRecord): Promise<DicomFile> {
  const file = archive.open(record);
  return readDicom(new Uint8Array(await file.slice(0, file.size).arrayBuffer()));
}

/** A volume that leaves out more slices than it has is not what the series shows. */
function largestOf({ volumes: [largest], refused }: SeriesReading): SeriesVolume {
  const worst = refused.toSorted((a, b) => b.sopInstanceUids.length - a.sopInstanceUids.length)[0];
  if (largest && (worst?.sopInstanceUids.length ?? 0) <= largest.frames.length) return largest;
  throw worst?.reason ?? new VesaliusError('FILE_UNSUPPORTED', { what: 'series', got: 'no volume' });
}

function firstTimePoint(volume: Volume): Volume {
  const { size, voxelToLps, voxels, components, timePoints } = volume;
  if (timePoints === 1) return volume;
  const frame = voxelsPerFrame(volume);
  const first = voxels.slice(0, frame * components);
  for (let i = 1; i < components; i++) {
    const from = i * timePoints * frame;
    first.set(voxels.subarray(from, from + frame) as never, i * frame);
  }
  return createVolume({ voxels: first, size, voxelToLps, components });
}

/** A copy: views would keep the whole file in memory. */
function withoutPixels(dataSet: DataSet): DataSet {
  const lean = dataSet.without('PixelData', 'FloatPixelData', 'DoubleFloatPixelData', 'OverlayData');
  return parseDataSet(encodeDataSet(lean, EXPLICIT_LITTLE), { encoding: EXPLICIT_LITTLE }).dataSet;
}
