import { computeDice, meanOfNumbers, type TrainingPlan, type VolumePredictor } from '@vesalius/medical';
import type { AttentionReader } from '@vesalius/methods';
import type { Volume } from '@vesalius/volume';
import { emptyOn, isEmpty } from '../datasets/read-case.ts';
import { asClasses } from '../training/evaluate-model.ts';

/** What one modality had to do with a prediction. */
export interface ModalityWeight {
  readonly name: string;
  readonly there: boolean;
  /** Share of the attention of all places that the model saw, and of those where something was found; 0 to 1, over all modalities 1. */
  readonly attention: { readonly everywhere: number; readonly inFindings: number };
  /**
   * How much of what was found is another without it, 0 to 1: 1 less the Dice score of all classes together, and of each, with and without it.
   * Absent for a modality that is missing or alone; a class that is not found with all is left out.
   */
  readonly leaveOneOut?: { readonly all: number; readonly classes: Readonly<Record<string, number>> };
  /** On the scan's own grid. */
  readonly attentionMap: Volume<Float32Array>;
  /** What is found without it. */
  readonly labelsWithout?: Volume<Uint8Array>;
}

export interface WeighedScan {
  readonly channels: readonly Volume[];
  readonly names: readonly string[];
  /** What was found with all that is there. */
  readonly labels: Volume<Uint8Array>;
  readonly classes: TrainingPlan['classes'];
}

interface Asked {
  readonly predictor: VolumePredictor;
  readonly reader: AttentionReader;
  readonly signal: AbortSignal;
}

/** Asks the model again without each modality in turn, and reads where its attention went. */
export async function weighModalities(
  scan: WeighedScan,
  { predictor, reader, signal }: Asked,
): Promise<ModalityWeight[]> {
  const { channels, names, labels, classes } = scan;
  const maps = await reader.read(channels, { signal });
  const there = channels.map((channel) => !isEmpty(channel));
  const others = there.filter(Boolean).length - 1;
  // Where the plan cuts scans nobody has a share.
  const seen = [...labels.voxels.keys()].filter((voxel) => maps.some(({ voxels }) => (voxels[voxel] as number) > 0));
  const found = seen.filter((voxel) => labels.voxels[voxel] !== 0);
  const weights: ModalityWeight[] = [];
  for (const [i, channel] of channels.entries()) {
    const attentionMap = maps[i] as Volume<Float32Array>;
    const meanOver = (places: readonly number[]): number =>
      meanOfNumbers(places.map((voxel) => attentionMap.voxels[voxel] as number));
    const everywhere = meanOver(seen);
    const weight = {
      name: names[i] ?? String(i),
      there: there[i] as boolean,
      attention: { everywhere, inFindings: found.length === 0 ? everywhere : meanOver(found) },
      attentionMap,
    };
    if (!there[i] || others === 0) {
      weights.push(weight);
      continue;
    }
    const labelsWithout = await predictor.predict(channels.with(i, emptyOn(channel)), { signal });
    weights.push({ ...weight, labelsWithout, leaveOneOut: changes(labels, labelsWithout, classes) });
  }
  return weights;
}

function changes(
  labels: Volume<Uint8Array>,
  without: Volume<Uint8Array>,
  classes: WeighedScan['classes'],
): NonNullable<ModalityWeight['leaveOneOut']> {
  const [withAll, with1] = [asClasses(labels, classes), asClasses(without, classes)];
  const dice = computeDice(with1, withAll, { numClasses: classes.length, includeBackground: false });
  const named = classes.slice(1).map(({ name }, k) => [name, 1 - (dice[k] as number)] as const);
  return {
    all: 1 - overlap(labels.voxels, without.voxels),
    classes: Object.fromEntries(named.filter(([, change]) => Number.isFinite(change))),
  };
}

/** Dice score of all that is not background; 1 where there is none at all. */
function overlap(a: Uint8Array, b: Uint8Array): number {
  let [both, total] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [inA, inB] = [Number(a[i] !== 0), Number(b[i] !== 0)];
    both += inA * inB;
    total += inA + inB;
  }
  return total === 0 ? 1 : (2 * both) / total;
}
