import type { DataSet } from '@vesalius/dicom';
import type { Volume } from '@vesalius/volume';
import type { Access } from '../store/archive.ts';

/** A series of the archive as a volume: the grid on which label maps, clicks and predictions of it lie. */
export interface ArchiveVolume {
  readonly project: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** As `Modality` (0008,0060) says. */
  readonly modality: string;
  /** The largest volume of the series, its first time point; DICOM's order of voxels, slices from the lowest to the highest. */
  readonly volume: Volume;
  /** SOP Instance UIDs of the slices, in their order; one UID for all frames of a multi-frame image. */
  readonly instances: readonly string[];
  /** The instances without pixels: what objects derived from the series refer to. */
  readonly sources: readonly DataSet[];
}

/** Reads series as volumes; what was read last is kept in memory, within bounds. */
export interface SeriesVolumes {
  /**
   * @throws FILE_NOT_FOUND where there is no such series or no access; the reading's own error (GEOMETRY_MISMATCH, ...) where its slices
   * are no volume
   */
  read(seriesInstanceUid: string, access: Access, signal?: AbortSignal): Promise<ArchiveVolume>;
}
