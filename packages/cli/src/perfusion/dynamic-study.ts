import type { DataSet } from '@vesalius/dicom';
import type { FlipAngleImages } from '@vesalius/medical';
import type { Volume } from '@vesalius/volume';

/** What a folder says of a dynamic contrast measurement. */
export interface DynamicStudy {
  readonly volume: Volume;
  /** Of every frame; missing where nothing tells. */
  readonly seconds?: readonly number[];
  readonly repetitionSeconds?: number;
  readonly flipAngleDegrees?: number;
  readonly flipAngles?: FlipAngleImages;
  /** The instances it was read from, where they are DICOM. */
  readonly source: readonly DataSet[];
}
