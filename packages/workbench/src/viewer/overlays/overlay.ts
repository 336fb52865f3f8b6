import type { ColorMapName } from '../slices/paint-heat.ts';

/** Values over the series, on its grid. */
export interface HeatOverlay {
  readonly label: string;
  /** x fastest; NaN where there are none. */
  readonly values: Float32Array;
  readonly low: number;
  readonly high: number;
  readonly map: ColorMapName;
  /** 0 to 1 */
  readonly opacity: number;
}
