import { type Code, codeNamed } from '../codes/codes.ts';

const named = (keyword: string): Code => codeNamed('DCM', keyword);

/** The names that TID 1500 and the templates it includes give to content. */
export const CONCEPTS = {
  report: named('ImagingMeasurementReport'),
  language: named('LanguageOfContentItemAndDescendants'),
  observerType: named('ObserverType'),
  person: named('Person'),
  device: named('Device'),
  personName: named('PersonObserverName'),
  deviceUid: named('DeviceObserverUID'),
  deviceName: named('DeviceObserverName'),
  deviceManufacturer: named('DeviceObserverManufacturer'),
  deviceModel: named('DeviceObserverModelName'),
  deviceSerialNumber: named('DeviceObserverSerialNumber'),
  procedure: named('ProcedureReported'),
  imageLibrary: named('ImageLibrary'),
  imageLibraryGroup: named('ImageLibraryGroup'),
  measurements: named('ImagingMeasurements'),
  group: named('MeasurementGroup'),
  trackingId: named('TrackingIdentifier'),
  trackingUid: named('TrackingUniqueIdentifier'),
  finding: named('Finding'),
  findingCategory: codeNamed('SCT', 'FindingsCategoryType'),
  findingSite: codeNamed('SCT', 'FindingSite'),
  laterality: codeNamed('SCT', 'Laterality'),
  siteModifier: codeNamed('SCT', 'TopographicalModifier'),
  method: codeNamed('SCT', 'MeasurementMethod'),
  derivation: named('Derivation'),
  region: named('ImageRegion'),
  segment: named('ReferencedSegment'),
  sourceImage: named('SourceImageForSegmentation'),
  sourceSeries: named('SourceSeriesForSegmentation'),
  source: { value: '260753009', scheme: 'SCT', meaning: 'Source' },
} as const satisfies Record<string, Code>;
