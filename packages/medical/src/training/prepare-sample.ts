import { VesaliusError } from '@vesalius/errors';
import { gridWithSpacing, reorient, resampleLabels, type Volume } from '@vesalius/volume';
import { normalizeChannels } from '../inferers/normalize-channels.ts';
import type { TrainingPlan } from '../planning/training-plan.ts';
import type { ImageArray, LabelVoxels, Sample, Shape } from '../transforms/sample.ts';
import { hasSpacing, plannedScan } from './planned-scan.ts';

/** Channels on the plan's grid as one array `[C, D, H, W]` of raw intensities. */
export function stackChannels(channels: readonly Volume[]): { data: Float32Array; shape: Shape } {
  const [first] = channels;
  if (!first) throw new VesaliusError('DATA_MISMATCH', { what: 'channels', got: 0, expected: 'at least 1' });
  const [width, height, depth] = first.size;
  const voxels = width * height * depth;
  const data = new Float32Array(channels.length * voxels);
  for (const [i, { voxels: from }] of channels.entries()) {
    if (from instanceof BigInt64Array || from instanceof BigUint64Array)
      data.set(Float32Array.from(from, Number), i * voxels);
    else data.set(from, i * voxels);
  }
  return { data, shape: [channels.length, depth, height, width] };
}

/**
 * A case ready to train on: turned, resampled, cut, normalized; label values replaced by class numbers.
 *
 * @throws LABEL_OUT_OF_RANGE when the label map holds a value that is no class
 */
export function prepareSample(
  { channels, label }: { channels: readonly Volume[]; label: Volume },
  plan: TrainingPlan,
): Sample {
  const scan = plannedScan(channels, plan);
  const { data, shape } = stackChannels(scan.channels);
  const spacing = plan.targetSpacingMm.value;
  const image = { data: normalizeChannels({ data, shape }, plan.normalization.value), shape, spacingMm: spacing };
  return { images: { image }, labels: { label: classNumbers(scan.cut(onPlannedLabelGrid(label, plan)), plan) } };
}

/**
 * A label map on the plan's grid, its values replaced by class numbers.
 *
 * @throws LABEL_OUT_OF_RANGE when it holds a value that is no class
 */
export function plannedClasses(label: Volume, plan: TrainingPlan): ImageArray<LabelVoxels> {
  return classNumbers(onPlannedLabelGrid(label, plan), plan);
}

function onPlannedLabelGrid(label: Volume, { orientation, targetSpacingMm }: TrainingPlan): Volume {
  const turned = reorient(label, orientation.value);
  if (hasSpacing(turned, targetSpacingMm.value)) return turned;
  return resampleLabels(turned, gridWithSpacing(turned, targetSpacingMm.value, 'edges'));
}

function classNumbers(label: Volume, { classes, targetSpacingMm }: TrainingPlan): ImageArray<LabelVoxels> {
  const numbers = new Map(classes.map(({ value }, i) => [value, i]));
  const data = new Uint8Array(label.voxels.length);
  for (let i = 0; i < data.length; i++) {
    const number = numbers.get(Number(label.voxels[i]));
    if (number === undefined) {
      const expected = classes.map(({ value }) => value).join(', ');
      throw new VesaliusError('LABEL_OUT_OF_RANGE', { what: 'label value', got: label.voxels[i], expected });
    }
    data[i] = number;
  }
  const [width, height, depth] = label.size;
  return { data, shape: [1, depth, height, width], spacingMm: targetSpacingMm.value };
}
