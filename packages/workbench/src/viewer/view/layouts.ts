import { acquisitionPlane, type PlaneLayout, pictureLayout, planeLayout } from '../slices/plane-layout.ts';
import { pixelShapeOf } from '../study/pixel-mm.ts';
import type { ViewerSeries } from '../study/viewer-series.ts';

export type LayoutName = 'single' | 'planes' | 'fourViews' | 'threeD' | 'mammography';

/** Fewer slices than this show nothing across. */
const LEAST_SLICES = 4;

export function layoutsOf(series: ViewerSeries, all: readonly ViewerSeries[]): readonly LayoutName[] {
  if (series.grid && series.slices.length / series.timePoints >= LEAST_SLICES)
    return ['single', 'planes', 'fourViews', 'threeD'];
  return series.modality === 'MG' && mammograms(all).length > 1 ? ['single', 'mammography'] : ['single'];
}

/** What a modality is read in. */
export function usualLayout(series: ViewerSeries, all: readonly ViewerSeries[]): LayoutName {
  const layouts = layoutsOf(series, all);
  if (layouts.includes('mammography')) return 'mammography';
  return layouts.includes('planes') && ['CT', 'MR', 'PT', 'NM'].includes(series.modality) ? 'planes' : 'single';
}

/** Right and left of one projection beside each other, CC above MLO. */
export function mammograms(all: readonly ViewerSeries[]): readonly ViewerSeries[] {
  const pictures = all.filter(({ modality }) => modality === 'MG');
  const placeOf = ({ slices: [first] }: ViewerSeries) =>
    (first?.dataSet.string('ViewPosition') === 'CC' ? 0 : 2) +
    (first?.dataSet.string('ImageLaterality') === 'L' ? 1 : 0);
  return pictures.toSorted((a, b) => placeOf(a) - placeOf(b)).slice(0, 4);
}

/** The planes of a layout; the plane of acquisition comes first. */
export function planesOf(series: ViewerSeries, layout: LayoutName): readonly PlaneLayout[] {
  const { grid, slices } = series;
  const first = slices[0]?.dataSet;
  if (!grid) {
    const [columns, rows] = [first?.number('Columns') ?? 1, first?.number('Rows') ?? 1];
    return [pictureLayout(columns, rows, slices.length, first ? pixelShapeOf(first) : [1, 1])];
  }
  if (layout === 'threeD') return [];
  const main = acquisitionPlane(grid);
  if (layout === 'single') return [planeLayout(grid, main)];
  const others = (['axial', 'sagittal', 'coronal'] as const).filter((plane) => plane !== main);
  return [main, ...others].map((plane) => planeLayout(grid, plane));
}
