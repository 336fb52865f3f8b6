import { arrangeSeries, type DataSet, nameParts, transferSyntaxOf } from '@vesalius/dicom';
import { OVERLAY_CLASSES } from './overlay-classes.ts';
import type { OverlayObject, SeriesSlice, ViewerSeries, ViewerStudy } from './viewer-series.ts';

/** What frames are asked in, so that no codec goes into the browser. */
const TRANSFER_SYNTAX = transferSyntaxOf('1.2.840.10008.1.2.1');

/** The series of a study from the metadata of its instances: images as stacks or volumes, what lies over them apart. */
export function arrangeStudy(studyInstanceUid: string, instances: readonly DataSet[]): ViewerStudy {
  const bySeries = Map.groupBy(instances, (one) => one.string('SeriesInstanceUID') ?? '');
  const [first] = instances;
  const series = [...bySeries.values()].flatMap((group) => seriesOf(studyInstanceUid, group.filter(isImage)));
  return {
    studyInstanceUid,
    patient: first ? nameOf(first) : '',
    patientId: first?.string('PatientID') ?? '',
    about: [first?.string('StudyDescription'), first?.string('StudyDate')].filter(Boolean).join(' · '),
    series: series.sort((a, b) => a.number - b.number),
    overlays: instances.flatMap((one) => overlayOf(studyInstanceUid, one)),
  };
}

function nameOf(dataSet: DataSet): string {
  const name = dataSet.string('PatientName') ?? '';
  const { family, given } = nameParts(name.split('=')[0] ?? '');
  return [family, given].filter(Boolean).join(', ');
}

function isImage(dataSet: DataSet): boolean {
  return dataSet.has('Rows') && !((dataSet.string('SOPClassUID') ?? '') in OVERLAY_CLASSES);
}

function overlayOf(studyInstanceUid: string, dataSet: DataSet): OverlayObject[] {
  const kind = OVERLAY_CLASSES[dataSet.string('SOPClassUID') ?? ''];
  if (kind === undefined) return [];
  return [
    {
      kind,
      studyInstanceUid,
      seriesInstanceUid: dataSet.string('SeriesInstanceUID') ?? '',
      sopInstanceUid: dataSet.string('SOPInstanceUID') ?? '',
      label: dataSet.string('SeriesDescription') ?? dataSet.string('ContentLabel') ?? kind,
      frameOfReferenceUid: dataSet.string('FrameOfReferenceUID') ?? '',
    },
  ];
}

/** As the server reads it: the largest volume, if it leaves out no more than it has; otherwise every frame by its number. */
function seriesOf(studyInstanceUid: string, instances: readonly DataSet[]): ViewerSeries[] {
  const [first] = instances;
  if (!first) return [];
  const about = {
    studyInstanceUid,
    seriesInstanceUid: first.string('SeriesInstanceUID') ?? '',
    modality: first.string('Modality') || 'OT',
    number: first.number('SeriesNumber') ?? 0,
    description: first.string('SeriesDescription') ?? '',
  };
  const files = instances.map((dataSet) => ({ dataSet, transferSyntax: TRANSFER_SYNTAX }));
  const { arrangements, refused } = arrangeSeries(files);
  const worst = refused.toSorted((a, b) => b.sopInstanceUids.length - a.sopInstanceUids.length)[0];
  const [largest] = arrangements;
  if (!largest || (worst?.sopInstanceUids.length ?? 0) > largest.frames.length)
    return [
      { ...about, ...asStack(instances), ...(worst && framesOf(instances) > 1 && { irregular: worst.reason.message }) },
    ];
  const { size, voxelToLps, timePoints, timeStepSeconds, frames } = largest;
  const slices = frames.map(({ plane: { dataSet, frame } }) => sliceOf(dataSet, frame));
  return [{ ...about, slices, timePoints, timeStepSeconds, grid: { size, voxelToLps } }];
}

function asStack(instances: readonly DataSet[]) {
  const sorted = instances.toSorted((a, b) => (a.number('InstanceNumber') ?? 0) - (b.number('InstanceNumber') ?? 0));
  const slices = sorted.flatMap((dataSet) =>
    Array.from({ length: frameCount(dataSet) }, (_, frame) => sliceOf(dataSet, frame)),
  );
  const [first] = instances;
  const frameTimeMs = first?.number('FrameTime') ?? 0;
  return { slices, timePoints: 1, timeStepSeconds: frameTimeMs / 1000 };
}

function sliceOf(dataSet: DataSet, frame: number): SeriesSlice {
  return { dataSet, frame, sopInstanceUid: dataSet.string('SOPInstanceUID') ?? '' };
}

function frameCount(dataSet: DataSet): number {
  return Math.max(1, Math.trunc(dataSet.number('NumberOfFrames') || 1));
}

function framesOf(instances: readonly DataSet[]): number {
  return instances.reduce((sum, one) => sum + frameCount(one), 0);
}
