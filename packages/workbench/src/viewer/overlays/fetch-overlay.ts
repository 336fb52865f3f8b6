import {
  type DicomFile,
  maskOfContours,
  readDicom,
  readParametricMap,
  readSegmentation,
  readStructureSet,
} from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { type Grid, resample, sameGrid, type Triple, type Volume, voxelsPerFrame } from '@vesalius/volume';
import type { OverlayObject } from '../study/viewer-series.ts';
import type { LabelLayer } from '../viewport-contract.ts';
import type { HeatOverlay } from './overlay.ts';

/** An object of the archive on the grid of a series. */
export type FetchedOverlay =
  | { readonly kind: 'labels'; readonly layers: readonly LabelLayer[] }
  | { readonly kind: 'heat'; readonly heat: HeatOverlay };

const COLORS: readonly Triple[] = [
  [255, 107, 107],
  [90, 200, 250],
  [130, 220, 120],
  [255, 209, 102],
  [190, 140, 255],
  [255, 159, 67],
];
const OPACITY = 0.4;

/** Fetches an object and lays it on the grid. @throws GEOMETRY_MISMATCH where it does not lie on it, PEER_REFUSED */
export async function fetchOverlay(object: OverlayObject, grid: Grid, signal?: AbortSignal): Promise<FetchedOverlay> {
  const file = await fetchFile(object, signal);
  if (object.kind === 'segmentation') return { kind: 'labels', layers: await segmentationLayers(file, grid) };
  if (object.kind === 'structures') return { kind: 'labels', layers: structureLayers(file, grid) };
  const [map] = await readParametricMap(file);
  if (!map) throw new VesaliusError('VALUE_INVALID', { what: 'parametric map', got: 'no values' });
  return { kind: 'heat', heat: heatOf(map.label, map.volume, grid) };
}

async function fetchFile(object: OverlayObject, signal?: AbortSignal): Promise<DicomFile> {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = object;
  const place = `studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`;
  const response = await fetch(`/dicom-web/${place}`, {
    headers: { accept: 'application/dicom' },
    ...(signal && { signal }),
  });
  if (!response.ok) throw new VesaliusError('PEER_REFUSED', { what: 'object over the images', got: response.status });
  return readDicom(new Uint8Array(await response.arrayBuffer()));
}

/** A layer a segment, since segments may overlap. */
async function segmentationLayers(file: DicomFile, grid: Grid): Promise<LabelLayer[]> {
  const { segments, mask } = await readSegmentation(file, { grid });
  return segments.map(({ number, label, color }, i) =>
    layerOf(Uint8Array.from(mask(number).voxels, above), label, color ?? colorAt(i)),
  );
}

function above(value: number): number {
  return Number(value > 0.5);
}

function structureLayers({ dataSet }: DicomFile, grid: Grid): LabelLayer[] {
  return readStructureSet(dataSet).regions.map(({ name, contours, color }, i) =>
    layerOf(maskOfContours(contours, grid).voxels, name, color ?? colorAt(i)),
  );
}

function layerOf(mask: Uint8Array, name: string, color: Triple): LabelLayer {
  return { mask, opacity: OPACITY, labels: [{ value: 1, name, color, visible: true }] };
}

function colorAt(i: number): Triple {
  return COLORS[i % COLORS.length] as Triple;
}

function heatOf(label: string, volume: Volume, grid: Grid): HeatOverlay {
  const on = sameGrid(volume, grid) ? volume : resample(volume, { ...grid, outside: Number.NaN });
  const values = Float32Array.from(on.voxels.subarray(0, voxelsPerFrame(grid)) as Float32Array);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { label, values, low: Math.max(0, low), high, map: 'hot', opacity: 0.6 };
}
