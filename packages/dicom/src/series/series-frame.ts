import type { DataSet } from '../data-set/data-set.ts';
import type { Keyword } from '../dictionary/generated/keyword.ts';
import { cross, dot, type Plane, planesOf } from '../objects/planes.ts';
import type { DicomFile } from '../part10/read-dicom.ts';

/** One frame of an instance and where it lies. */
export interface SeriesFrame {
  readonly file: Pick<DicomFile, 'dataSet' | 'transferSyntax'>;
  readonly plane: Plane;
  /** Along the normal of its plane, in millimetres from the origin of the patient. */
  readonly heightMm: number;
}

/**
 * The frames of an instance.
 *
 * @throws VALUE_INVALID when one of them has no place in the patient
 */
export function seriesFrames(file: SeriesFrame['file']): SeriesFrame[] {
  const offsets = file.dataSet.numbers('GridFrameOffsetVector');
  return planesOf(file.dataSet).map((stated) => {
    const plane = offsets.length > 1 ? moved(stated, offsets) : stated;
    return { file, plane, heightMm: dot(plane.position, normalOf(plane)) };
  });
}

export function normalOf({ alongRow, alongColumn }: Plane): readonly [number, number, number] {
  return cross(alongRow, alongColumn);
}

/** PS3.3 C.8.8.3.2: the frames of a dose grid lie off the first along the normal; an absolute z has a first value that is not 0. */
function moved(plane: Plane, offsets: readonly number[]): Plane {
  const by = (offsets[plane.frame] ?? 0) - (offsets[0] ?? 0);
  const normal = normalOf(plane);
  const [x, y, z] = plane.position;
  return { ...plane, position: [x + by * normal[0], y + by * normal[1], z + by * normal[2]] };
}

/** Which frame of which instance. */
export interface FramePlace {
  readonly plane: Pick<Plane, 'dataSet' | 'frame'>;
}

/** An attribute of one frame as text: of its functional groups, the shared ones, or the instance. */
export function frameText({ plane: { dataSet, frame } }: FramePlace, name: Keyword): string {
  const own = dataSet.items('PerFrameFunctionalGroupsSequence')[frame];
  const [shared] = dataSet.items('SharedFunctionalGroupsSequence');
  return (inGroups(own, name) ?? inGroups(shared, name) ?? dataSet).strings(name).join('\\');
}

function inGroups(groups: DataSet | undefined, name: Keyword): DataSet | undefined {
  for (const element of groups ?? []) {
    const [item] = element.kind === 'sequence' ? element.items : [];
    if (item?.has(name)) return item;
  }
  return undefined;
}
