import { join } from 'node:path';
import { writeFileAtomic } from '@vesalius/bundle/files';
import { encodePng } from '@vesalius/engine';
import { meanOfNumbers } from '@vesalius/medical';
import type { GateMap } from '@vesalius/methods';
import { type Volume, writeVolume } from '@vesalius/volume';
import { isPicture } from '../pictures/read-picture.ts';
import { gateSheet } from './gate-sheet.ts';

interface Explained {
  readonly channels: readonly Volume[];
  /** File name of the label map: pictures are explained by pictures. */
  readonly name: string;
  readonly maps: readonly GateMap[];
}

/**
 * Writes what gates weighed on one scan: `gates.png` shows all of them, `0.1.png` (or `0.1.nii.gz` for a volume) is the transformer's share at one
 * node, 0 to 255 (0 to 1), and `gates.json` holds the weights of channels, names the maps, and says which shares the colours of `gates.png` stand for.
 *
 * @throws DISK_FULL, WRITE_FAILED
 */
export async function writeGateMaps(folder: string, { channels, name, maps }: Explained): Promise<void> {
  const flat = isPicture(name);
  const nodes = maps.map(({ node, places, channels: weights }) => ({
    node,
    places: `${node}.${flat ? 'png' : 'nii.gz'}`,
    transformerShare: rounded(meanOfNumbers([...places.voxels])),
    channelWeights: Array.from(weights, rounded),
  }));
  for (const [i, { places }] of maps.entries())
    await writeFileAtomic(
      join(folder, nodes[i]?.places ?? ''),
      flat ? await grey(places) : await writeVolume(places, 'map.nii.gz'),
    );
  const reach = reachOf(maps);
  const colours = { convolutions: rounded(0.5 - reach), white: 0.5, transformer: rounded(0.5 + reach) };
  await writeFileAtomic(join(folder, 'gates.png'), await encodePng(gateSheet(channels, maps, reach)));
  const text = JSON.stringify({ format: 'vesalius-gates/1', scan: name, colours, nodes }, null, 2);
  await writeFileAtomic(join(folder, 'gates.json'), `${text}\n`);
}

const LEAST_REACH = 0.05;

/** How far shares are from a half at most: what little a gate may have learned is to be seen. */
function reachOf(maps: readonly GateMap[]): number {
  let reach = LEAST_REACH;
  for (const { places } of maps) for (const share of places.voxels) reach = Math.max(reach, Math.abs(share - 0.5));
  return reach;
}

const rounded = (value: number): number => Math.round(1e4 * value) / 1e4;

function grey({ voxels, size }: Volume<Float32Array>): Promise<Uint8Array> {
  const data = Uint8Array.from(voxels, (share) => Math.round(255 * share));
  return encodePng({ width: size[0], height: size[1], channels: 1, data });
}
