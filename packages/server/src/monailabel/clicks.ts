import type { SegmentLabel } from '@vesalius/api';
import type { Volume } from '@vesalius/volume';
import { Refusal } from '../http/refusal.ts';
import type { Click } from '../models/model-registry.ts';

type Params = Readonly<Record<string, unknown>>;

/** Of a scribble; more tell the model nothing new. */
const MOST_SCRIBBLED = 200;

/**
 * The points of a request in every way that clients send them: `foreground` and `background` of a `label` (DeepGrow), a list for each
 * label's name (DeepEdit), `points` with `point_labels` of a `label_prompt` (VISTA-3D).
 *
 * @throws BAD_REQUEST for points that are none
 */
export function clicksOf(params: Params, labels: readonly SegmentLabel[]): Click[] {
  const numberOf = (name: unknown) => labels.find((label) => label.name === name)?.value ?? labels[0]?.value ?? 1;
  const clicks = [
    ...pointsOf(params['foreground'], 'foreground').map((voxel) => ({ voxel, value: numberOf(params['label']) })),
    ...pointsOf(params['background'], 'background').map((voxel) => ({ voxel, value: 0 })),
    ...labels.flatMap(({ name, value }) => pointsOf(params[name], name).map((voxel) => ({ voxel, value }))),
  ];
  const prompted = Number([params['label_prompt']].flat()[0] ?? numberOf(params['label']));
  const kinds = [params['point_labels'] ?? []].flat();
  const prompts = pointsOf(params['points'], 'points').map((voxel, i) => ({
    voxel,
    value: kinds[i] === 0 ? 0 : prompted,
  }));
  return [...clicks, ...prompts];
}

/**
 * What was scribbled, as points: MONAI Label marks the background by the number behind the labels, the foreground by the one behind that.
 */
export function clicksOfScribbles(
  scribbles: Volume<Uint8Array>,
  labels: readonly SegmentLabel[],
  label: unknown,
): Click[] {
  const behind = Math.max(0, ...labels.map(({ value }) => value));
  const value = labels.find(({ name }) => name === label)?.value ?? labels[0]?.value ?? 1;
  return [...sampled(scribbles, behind + 1, 0), ...sampled(scribbles, behind + 2, value)];
}

function sampled({ voxels, size: [nx, ny] }: Volume<Uint8Array>, mark: number, value: number): Click[] {
  const places: number[] = [];
  for (let i = 0; i < voxels.length; i++) if (voxels[i] === mark) places.push(i);
  const step = Math.max(1, Math.ceil(places.length / MOST_SCRIBBLED));
  return places
    .filter((_, i) => i % step === 0)
    .map((i) => ({ voxel: [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))], value }));
}

function pointsOf(value: unknown, what: string): (readonly [number, number, number])[] {
  if (value === undefined || value === null) return [];
  // A label may have the name of a setting: only lists hold points.
  if (!Array.isArray(value)) return [];
  return value.map((point) => {
    const numbers = Array.isArray(point) ? point.map(Number) : [];
    if (numbers.length < 3 || !numbers.every(Number.isFinite))
      throw new Refusal('BAD_REQUEST', {
        what: `points of ${what.slice(0, 64)}`,
        expected: '[[x, y, z], …] in voxels',
      });
    return [numbers[0], numbers[1], numbers[2]] as [number, number, number];
  });
}
