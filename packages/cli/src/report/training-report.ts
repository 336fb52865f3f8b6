import type { HistoryPoint, MetricInterval } from '@vesalius/bundle';

/** Scores of one case that was not trained on, by class name; NaN where the class is in neither label map. */
export interface CaseScores {
  readonly id: string;
  /** Mean over the classes, 0 to 1. */
  readonly meanDice: number;
  readonly dice: Readonly<Record<string, number>>;
}

export interface ReportPicture {
  /** `axial`, `coronal`, `sagittal`. */
  readonly plane: string;
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

export interface ReportCase {
  /** Why it is shown: `Median case`. */
  readonly caption: string;
  readonly scores: CaseScores;
  readonly pictures: readonly ReportPicture[];
}

/** Everything a report shows; `renderReport` adds nothing to it. */
export interface TrainingReport {
  readonly title: string;
  /** One sentence on what was done. */
  readonly summary: string;
  /** Data, recipe, seed, time, machine. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Of the classes to be found, without the background; their order gives the colours. */
  readonly classNames: readonly string[];
  readonly history: readonly HistoryPoint[];
  readonly metrics: readonly MetricInterval[];
  readonly cases: readonly CaseScores[];
  readonly shown: readonly ReportCase[];
  /** What the data check found, in sentences. */
  readonly warnings: readonly string[];
}
