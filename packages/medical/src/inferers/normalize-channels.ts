import type { ChannelNormalization } from '../planning/training-plan.ts';
import { percentiles } from '../transforms/intensity/statistics.ts';
import type { InferenceImage } from './sliding-window-inferer.ts';

/** Raw intensities as the plan wants them, channel by channel; the same that the image model does inside. */
export function normalizeChannels(
  { data, shape }: InferenceImage,
  normalization: readonly ChannelNormalization[],
): Float32Array {
  const voxels = shape[1] * shape[2] * shape[3];
  const result = new Float32Array(data.length);
  for (const [channel, rule] of normalization.entries()) {
    const from = data.subarray(channel * voxels, (channel + 1) * voxels);
    const to = result.subarray(channel * voxels, (channel + 1) * voxels);
    if (rule.kind === 'ct') scaleCt(from, to, rule);
    else scaleRobust(from, to, rule);
  }
  return result;
}

function scaleCt(
  from: Float32Array,
  to: Float32Array,
  { clip: [low, high], mean, standardDeviation }: ChannelNormalization & { kind: 'ct' },
): void {
  for (let i = 0; i < from.length; i++)
    to[i] = (Math.min(high, Math.max(low, from[i] as number)) - mean) / standardDeviation;
}

function scaleRobust(
  from: Float32Array,
  to: Float32Array,
  rule: ChannelNormalization & { kind: 'robust-z-score' },
): void {
  const counted = rule.nonZeroOnly ? from.filter((value) => value !== 0) : from;
  if (counted.length === 0) return;
  const [low, high] = percentiles(counted, rule.clipPercentiles) as [number, number];
  const clip = (value: number): number => Math.min(high, Math.max(low, value));
  let [sum, squares] = [0, 0];
  for (let i = 0; i < counted.length; i++) sum += clip(counted[i] as number);
  const mean = sum / counted.length;
  for (let i = 0; i < counted.length; i++) squares += (clip(counted[i] as number) - mean) ** 2;
  const deviation = Math.max(Math.sqrt(squares / counted.length), 1e-8);
  for (let i = 0; i < from.length; i++) {
    const value = from[i] as number;
    to[i] = rule.nonZeroOnly && value === 0 ? 0 : (clip(value) - mean) / deviation;
  }
}
