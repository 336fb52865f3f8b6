import { createVolume, type Grid, type Volume, voxelsPerFrame } from '@vesalius/volume';
import type { Code } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { readCodes } from '../objects/code-items.ts';
import { frameGroup, planesOf } from '../objects/planes.ts';
import { present } from '../objects/present.ts';
import { stackOf } from '../objects/stack.ts';
import type { DicomFile } from '../part10/read-dicom.ts';
import { decodeFrame } from '../pixels/decode-frame.ts';
import type { SampleArray } from '../pixels/sample-array.ts';

/** One quantity of a parametric map, as real-world values; slices without a frame are NaN. */
export interface ParametricMap {
  readonly label: string;
  readonly explanation?: string;
  readonly unit?: Code;
  readonly quantity?: Code;
  readonly volume: Volume<Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>;
}

interface Mapping extends Omit<ParametricMap, 'volume'> {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * The quantities of a parametric map, of integers or of floating-point values, on one grid.
 *
 * @throws GEOMETRY_MISMATCH when its frames are on no grid, and what `decodeFrame` throws
 */
export async function readParametricMap(file: Pick<DicomFile, 'dataSet' | 'transferSyntax'>): Promise<ParametricMap[]> {
  const { dataSet } = file;
  const planes = planesOf(dataSet);
  const { grid, slices } = stackOf(
    planes,
    frameGroup(dataSet, 'PixelMeasuresSequence', 0)?.number('SpacingBetweenSlices'),
  );
  const maps = new Map<string, ParametricMap>();
  for (const [i, slice] of slices.entries()) {
    const { samples } = await decodeFrame(file, i);
    for (const { slope, intercept, ...about } of mappingsOf(dataSet, i)) {
      const key = [about.label, about.unit?.value, about.quantity?.value].join('|');
      const map = maps.get(key) ?? { ...about, volume: emptyVolume(grid, samples) };
      maps.set(key, map);
      const start = slice * samples.length;
      for (let p = 0; p < samples.length; p++)
        map.volume.voxels[start + p] = (samples[p] as number) * slope + intercept;
    }
  }
  return [...maps.values()];
}

/** 32-bit integers and doubles do not fit the 24 bits of a float. */
function emptyVolume(grid: Grid, samples: SampleArray): ParametricMap['volume'] {
  const wide = samples.BYTES_PER_ELEMENT > 2 && !(samples instanceof Float32Array);
  const voxels = new (wide ? Float64Array : Float32Array)(voxelsPerFrame(grid)).fill(Number.NaN);
  return createVolume({ voxels, size: grid.size, voxelToLps: grid.voxelToLps });
}

/** Of the frame, or of all frames; an identity without a name where there is none. */
function mappingsOf(dataSet: DataSet, frame: number): Mapping[] {
  const own = dataSet.items('PerFrameFunctionalGroupsSequence')[frame]?.items('RealWorldValueMappingSequence') ?? [];
  const shared = dataSet.items('SharedFunctionalGroupsSequence')[0]?.items('RealWorldValueMappingSequence') ?? [];
  const items = own.length > 0 ? own : shared;
  return items.length === 0 ? [{ label: '', slope: 1, intercept: 0 }] : items.map(mappingOf);
}

function mappingOf(item: DataSet): Mapping {
  const [definition] = item.items('QuantityDefinitionSequence');
  return {
    label: item.string('LUTLabel') ?? '',
    slope: item.number('RealWorldValueSlope') ?? 1,
    intercept: item.number('RealWorldValueIntercept') ?? 0,
    ...present({
      explanation: item.string('LUTExplanation'),
      unit: readCodes(item, 'MeasurementUnitsCodeSequence')[0],
      quantity: definition && readCodes(definition, 'ConceptCodeSequence')[0],
    }),
  };
}
