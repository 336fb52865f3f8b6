import { createVolume, type Volume } from '@vesalius/volume';
import type { DataSet } from '../data-set/data-set.ts';
import type { Keyword } from '../dictionary/generated/keyword.ts';
import {
  arrangeSeries,
  joined,
  type ReadSeriesOptions,
  refusalOf,
  type SeriesArrangement,
  type SeriesRefusal,
} from './arrange-series.ts';
import type { SeriesFrame } from './series-frame.ts';
import { voxelsOf } from './stack-voxels.ts';

/** A volume and the frames it was made from. */
export interface SeriesVolume {
  readonly volume: Volume;
  readonly seriesInstanceUid: string;
  /** What tells the time points apart: `TriggerTime`, `DiffusionBValue`, ...; missing for one time point. */
  readonly timeAxis?: Keyword;
  /** Of each slice from the lowest to the highest, one time point after another; frames from 0. */
  readonly frames: readonly { readonly dataSet: DataSet; readonly frame: number }[];
}

export interface SeriesReading {
  /** The largest first. */
  readonly volumes: readonly SeriesVolume[];
  readonly refused: readonly SeriesRefusal[];
}

/**
 * Volumes from the instances of one or several series, in any order. Slices are sorted by their place along the normal; series,
 * frames of reference, orientations, image types and echoes are parted; several frames at each place are time points. Missing,
 * doubled and shifted slices are refused, and so is what has no place in the patient.
 */
export async function readSeries(
  files: readonly SeriesFrame['file'][],
  options: ReadSeriesOptions = {},
): Promise<SeriesReading> {
  const { arrangements, refused } = arrangeSeries(files, options);
  const volumes: SeriesVolume[] = [];
  const unread: SeriesRefusal[] = [];
  for (const arrangement of arrangements) {
    try {
      volumes.push(await readArrangement(arrangement));
    } catch (error) {
      const dataSets = arrangement.frames.map(({ file }) => file.dataSet);
      unread.push(refusalOf(dataSets, error));
    }
  }
  return { volumes, refused: joined([...refused, ...unread]) };
}

async function readArrangement(arrangement: SeriesArrangement): Promise<SeriesVolume> {
  const { size, voxelToLps, timePoints, timeStepSeconds, timeAxis, seriesInstanceUid, frames } = arrangement;
  const pixels = await voxelsOf(frames);
  return {
    volume: createVolume({ size, voxelToLps, timePoints, timeStepSeconds, ...pixels }),
    seriesInstanceUid,
    ...(timeAxis === undefined ? {} : { timeAxis }),
    frames: frames.map(({ plane: { dataSet, frame } }) => ({ dataSet, frame })),
  };
}
