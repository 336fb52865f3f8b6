import type { DataSet } from '@vesalius/dicom';
import type { Grid } from '@vesalius/volume';

/** One frame of a series, before its pixels are here. */
export interface SeriesSlice {
  readonly dataSet: DataSet;
  readonly sopInstanceUid: string;
  /** From 0. */
  readonly frame: number;
}

/** A series as the viewer shows it. */
export interface ViewerSeries {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly modality: string;
  readonly number: number;
  readonly description: string;
  /** Of a volume slice by slice from the lowest to the highest, one time point after another; otherwise by their numbers. */
  readonly slices: readonly SeriesSlice[];
  readonly timePoints: number;
  /** 0 when unknown. */
  readonly timeStepSeconds: number;
  /** Missing where the slices are no volume. */
  readonly grid?: Grid;
  /** Why they are none, in the words of the reading; a single picture has none. */
  readonly irregular?: string;
}

/** An object that is shown over images. */
export interface OverlayObject {
  readonly kind: 'segmentation' | 'structures' | 'map';
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly label: string;
  readonly frameOfReferenceUid: string;
}

export interface ViewerStudy {
  readonly studyInstanceUid: string;
  /** What stands in the corners. */
  readonly patient: string;
  readonly patientId: string;
  readonly about: string;
  readonly series: readonly ViewerSeries[];
  readonly overlays: readonly OverlayObject[];
}
