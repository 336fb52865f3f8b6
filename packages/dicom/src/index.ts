export {
  type Code,
  type CodeEntry,
  codeEntry,
  codeNamed,
  codesOfGroup,
  contextGroups,
  sameCode,
} from './codes/codes.ts';
export { DataSet } from './data-set/data-set.ts';
export type { Element, FragmentsElement, SequenceElement, ValueElement } from './data-set/element.ts';
export { type Deidentified, type DeidentifyChange, deidentify } from './de-identify/deidentify.ts';
export { deidentifyFile } from './de-identify/deidentify-file.ts';
export type { DeidentifyPolicy, PixelRegion, SafePrivate } from './de-identify/policy.ts';
export { createProjectKey, type ProjectKey } from './de-identify/project-key.ts';
export type { Keyword } from './dictionary/generated/keyword.ts';
export {
  hexTag,
  isPrivate,
  keywordOf,
  showTag,
  type TagEntry,
  type TagName,
  tagEntry,
  tagOf,
} from './dictionary/tags.ts';
export { type UidEntry, uidEntry, uidsOfKind } from './dictionary/uids.ts';
export { isVr, type Vr } from './dictionary/vr.ts';
export { type FromJsonOptions, fromJson } from './json/from-json.ts';
export type { DicomJson, JsonElement, JsonName, JsonValue } from './json/json-model.ts';
export { type ToJsonOptions, toJson } from './json/to-json.ts';
export { createDataSet, type DataSetRecord, type RecordValue } from './objects/create-data-set.ts';
export {
  createInstance,
  type Equipment,
  type InstanceOptions,
  type InstanceRequest,
} from './objects/create-instance.ts';
export { createUid } from './objects/create-uid.ts';
export type { Rgb } from './objects/lab-color.ts';
export { type BuildParametricMapOptions, buildParametricMap } from './parametric-map/build-parametric-map.ts';
export { type ParametricMap, readParametricMap } from './parametric-map/read-parametric-map.ts';
export { encodeDataSet } from './part10/encode-data-set.ts';
export {
  type Encoding,
  EXPLICIT_BIG,
  EXPLICIT_LITTLE,
  IMPLICIT_LITTLE,
  type TransferSyntax,
  transferSyntaxOf,
} from './part10/encoding.ts';
export { type FileHead, readFileHead } from './part10/file-head.ts';
export { encodeFileMeta, type FileMetaOptions, IMPLEMENTATION } from './part10/file-meta.ts';
export { DEFAULT_LIMITS, type Limits, type Warning } from './part10/limits.ts';
export { type ParsedDataSet, type ParseOptions, parseDataSet } from './part10/parse-data-set.ts';
export { type DicomFile, type ReadOptions, readDicom } from './part10/read-dicom.ts';
export { readFrame } from './part10/read-frame.ts';
export {
  type DicomHeader,
  type RandomAccess,
  type ReadHeaderOptions,
  readDicomHeader,
  type ValuePlace,
} from './part10/read-header.ts';
export { createDicomFile, type WriteOptions, writeDicom } from './part10/write-dicom.ts';
export { type EncodeOptions, encodeCompressed } from './pixels/codecs.ts';
export { decodeFrame, type PixelFrame } from './pixels/decode-frame.ts';
export { decompress } from './pixels/decompress.ts';
export type { LookupTable } from './pixels/lookup-table.ts';
export { applyModality, type ModalityTransform, modalityTransform } from './pixels/modality.ts';
export { type PixelLayout, pixelLayout } from './pixels/pixel-layout.ts';
export { decodeRle, encodeRle } from './pixels/rle.ts';
export type { SampleArray } from './pixels/sample-array.ts';
export { toRgb } from './pixels/to-rgb.ts';
export { applyVoi, type VoiTransform, voiTransforms } from './pixels/voi.ts';
export {
  type BuildPresentationStateOptions,
  buildPresentationState,
} from './presentation-state/build-presentation-state.ts';
export type {
  Annotation,
  DisplayedArea,
  GraphicObject,
  PresentationState,
  SoftcopyVoi,
  TextObject,
} from './presentation-state/presentation-state.ts';
export { readPresentationState } from './presentation-state/read-presentation-state.ts';
export {
  type BuildStructureSetOptions,
  buildStructureSet,
  type RegionOfInterest,
} from './rtstruct/build-structure-set.ts';
export { type Contour, type ContourType, contoursOfMask, maskOfContours } from './rtstruct/contours.ts';
export { readStructureSet, type StoredRegion, type StructureSet } from './rtstruct/read-structure-set.ts';
export {
  type BuildSecondaryCaptureOptions,
  buildSecondaryCapture,
} from './secondary-capture/build-secondary-capture.ts';
export {
  type BuildSegmentationOptions,
  buildSegmentation,
  type SegmentationType,
} from './segmentation/build-segmentation.ts';
export { type ReadSegmentationOptions, readSegmentation, type Segmentation } from './segmentation/read-segmentation.ts';
export type { Segment, SegmentAlgorithm } from './segmentation/segment.ts';
export type { SegmentContent } from './segmentation/segment-masks.ts';
export { acquisitionSeconds } from './series/acquisition-seconds.ts';
export {
  arrangeSeries,
  type ReadSeriesOptions,
  type SeriesArrangement,
  type SeriesArrangements,
  type SeriesRefusal,
} from './series/arrange-series.ts';
export { type BuildSeriesOptions, buildSeries, type SeriesModality } from './series/build-series.ts';
export { readSeries, type SeriesReading, type SeriesVolume } from './series/read-series.ts';
export {
  type BuildMeasurementReportOptions,
  buildMeasurementReport,
} from './structured-report/build-measurement-report.ts';
export {
  type BuildStructuredReportOptions,
  buildStructuredReport,
} from './structured-report/build-structured-report.ts';
export type {
  ContentItem,
  ContentValue,
  GraphicType,
  GraphicType3d,
  InstanceReference,
  Relationship,
  TemporalRange,
} from './structured-report/content-item.ts';
export type {
  Evaluation,
  FindingSite,
  MeasuredRegion,
  Measurement,
  MeasurementGroup,
  MeasurementReport,
  Observer,
} from './structured-report/measurement-report.ts';
export { readContentTree } from './structured-report/read-content.ts';
export { readMeasurementReport } from './structured-report/read-measurement-report.ts';
export { type ReportSegmentationOptions, reportSegmentation } from './structured-report/report-segmentation.ts';
export { type CreateElementOptions, createElement, type ElementInput } from './values/create-element.ts';
export {
  type DicomDate,
  type DicomDateTime,
  type DicomTime,
  parseDate,
  parseDateTime,
  parseTime,
  showDate,
  showDateTime,
  showTime,
} from './values/dates.ts';
export { type NameParts, nameParts, type PersonName, parsePersonName, showPersonName } from './values/person-name.ts';
