import type { ChannelNormalization, LabelClass, Split, TrainingPlan } from '@vesalius/medical';
import type { FileRecord } from '../files/file-record.ts';

/** A figure over cases with its confidence interval. */
export interface MetricInterval {
  /** `dice`, `hd95`. */
  readonly name: string;
  /** Absent for the mean over classes. */
  readonly className?: string;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** 0.95 */
  readonly confidence: number;
  readonly cases: number;
}

/** What the runtime does to a scan before `model.onnx` sees it, and undoes after; all else is inside the model. */
interface OutsideProcessing {
  /** Axes the scan is turned to, such as `RAS`. */
  readonly orientation: string;
  /** Along x, y, z. */
  readonly spacingMm: readonly [number, number, number];
  readonly normalization: readonly ChannelNormalization[];
  /** True where the model applies `normalization` itself, so that the runtime must not. */
  readonly normalizationInside: boolean;
  /** Tensor order. */
  readonly roiShape: readonly number[];
  readonly overlap: number;
  /** Label values of which only the largest component is kept, in the label map on the scan's own grid. */
  readonly keepLargest: readonly number[];
}

/** What keeping the largest component alone did to a class on the validation cases; means over cases. */
export interface LargestComponentTrial {
  /** Of the class in label files. */
  readonly value: number;
  readonly dice: number;
  readonly diceOfLargest: number;
  readonly applied: boolean;
}

export interface HistoryPoint {
  readonly step: number;
  readonly seconds: number;
  readonly loss: number;
  /** Soft Dice of the training batch. */
  readonly dice?: number;
}

/** Everything that tells where a model comes from, enough to make it again. */
export interface BundleManifest {
  readonly format: 'vesalius-manifest/1';
  readonly name: string;
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly task: 'segmentation';
  readonly channels: readonly { readonly name: string }[];
  /** In the order of the model's output channels. */
  readonly classes: readonly LabelClass[];
  readonly processing: OutsideProcessing;
  /** How a person's marks guide the model; absent for one that takes none. The rest of the manifest speaks of what it predicts without. */
  readonly interaction?: NonNullable<TrainingPlan['interaction']>['value'];
  readonly data: { readonly name: string; readonly layout: string; readonly files: readonly FileRecord[] };
  readonly split: Split;
  readonly seed: number;
  /** Of this program, the runtime and Node. */
  readonly versions: Readonly<Record<string, string>>;
  /** The recipe as it was run, plain JSON. */
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly plan: TrainingPlan;
  readonly training: {
    readonly steps: number;
    /** Wall time, and time of all processor cores; the latter is not in bundles of before 0.2. */
    readonly seconds: number;
    readonly cpuSeconds?: number;
    readonly history: readonly HistoryPoint[];
  };
  /** On the validation cases, before `processing.keepLargest`, which was chosen on them. */
  readonly metrics: readonly MetricInterval[];
  readonly largestComponentTrials: readonly LargestComponentTrial[];
  /** The bundle this one was adapted from. */
  readonly parent: { readonly name: string; readonly manifestSha256: string } | null;
  /** What was spent of each privacy budget; empty where training was not private. */
  readonly privacyLedger: readonly { readonly mechanism: string; readonly epsilon: number; readonly delta: number }[];
}
