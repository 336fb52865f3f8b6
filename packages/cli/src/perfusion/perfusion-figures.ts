import type { DynamicSeries, PerfusionMaps } from '@vesalius/medical';

/** What is kept beside the maps. */
export interface PerfusionFigures {
  readonly timePoints: number;
  readonly arrivalSeconds: number;
  readonly arterialInput: string;
  readonly fittedVoxels: number;
  /** Voxels of each type. */
  readonly curveTypes: { readonly none: number; readonly I: number; readonly II: number; readonly III: number };
  /** Medians over the voxels that were fitted. */
  readonly medians: Readonly<Record<'ktransPerMinute' | 've' | 'kepPerMinute' | 'vp' | 'residual', number>>;
  readonly assumptions: readonly string[];
}

export function perfusionFigures({ seconds }: DynamicSeries, maps: PerfusionMaps): PerfusionFigures {
  const count = (type: number): number => maps.curveTypes.voxels.filter((one) => one === type).length;
  const fitted = maps.maps.residual.voxels;
  const median = (values: Float32Array): number => {
    const sorted = values.filter((_, i) => (fitted[i] as number) > 0).sort();
    return Number((sorted[Math.floor(sorted.length / 2)] ?? 0).toPrecision(4));
  };
  return {
    timePoints: seconds.length,
    arrivalSeconds: maps.arrival.seconds,
    arterialInput: maps.input.name,
    fittedVoxels: maps.fitted,
    curveTypes: { none: count(0), I: count(1), II: count(2), III: count(3) },
    medians: {
      ktransPerMinute: median(maps.maps.ktrans.voxels),
      ve: median(maps.maps.ve.voxels),
      kepPerMinute: median(maps.maps.kep.voxels),
      vp: median(maps.maps.vp.voxels),
      residual: median(maps.maps.residual.voxels),
    },
    assumptions: maps.assumptions,
  };
}

export function perfusionText(figures: PerfusionFigures, out: string): string {
  const { curveTypes, medians } = figures;
  return [
    `${figures.timePoints} time points, contrast arrives after ${figures.arrivalSeconds.toFixed(1)} s`,
    `curve types: ${curveTypes.I} I, ${curveTypes.II} II, ${curveTypes.III} III, ${curveTypes.none} without contrast`,
    `${figures.fittedVoxels} curves fitted: median Ktrans ${medians.ktransPerMinute}/min, ve ${medians.ve}, kep ${medians.kepPerMinute}/min, vp ${medians.vp}`,
    ...figures.assumptions.map((one) => `assumed: ${one}`),
    `maps and curves: ${out}`,
  ].join('\n');
}
