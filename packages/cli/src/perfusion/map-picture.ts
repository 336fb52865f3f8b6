import { encodePng } from '@vesalius/engine';
import { reorient, type Volume } from '@vesalius/volume';
import type { MapPicture } from './curves-picture.ts';

/** The slice with the most of a map, from black to white at the 98th percentile of what is not 0, seen from the feet. */
export async function mapPicture(title: string, map: Volume<Float32Array>): Promise<MapPicture> {
  const { size, voxels } = reorient(map, 'LPS');
  const [width, height, slices] = size;
  const frame = width * height;
  const sums = Array.from(
    { length: slices },
    (_, z) => voxels.subarray(z * frame, (z + 1) * frame).filter((value) => value > 0).length,
  );
  const slice = sums.indexOf(Math.max(...sums));
  const positive = voxels.filter((value) => value > 0).sort();
  const white = positive[Math.floor(0.98 * positive.length)] ?? 1;
  const grey = Uint8Array.from(voxels.subarray(slice * frame, (slice + 1) * frame), (value) =>
    Math.round(255 * Math.min(1, Math.max(0, value / white))),
  );
  return {
    title: `${title} 0 to ${Number(white.toPrecision(2))}`,
    png: await encodePng({ width, height, channels: 1, data: grey }),
  };
}
