import type { Triple } from '@vesalius/volume';

export type MeasurementKind = 'length' | 'angle' | 'ellipse' | 'probe';

/** How many points each takes; of an ellipse two corners of its box. */
export const POINTS: Readonly<Record<MeasurementKind, number>> = { length: 2, angle: 3, ellipse: 2, probe: 1 };

/** Something measured on one slice of a plane. */
export interface Measurement {
  readonly id: number;
  readonly kind: MeasurementKind;
  /** The voxel axis across the plane. */
  readonly axis: 0 | 1 | 2;
  readonly slice: number;
  /** In voxels. */
  readonly points: readonly Triple[];
}

/** What a measurement says; lengths in millimetres, or in pixels where the size of a pixel is not known. */
export interface Measured {
  readonly unit: 'mm' | 'px';
  readonly length?: number;
  readonly degrees?: number;
  readonly area?: number;
  readonly mean?: number;
  readonly deviation?: number;
  readonly value?: number;
}
