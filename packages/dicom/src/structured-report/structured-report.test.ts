import { expect, test } from 'vitest';
import { ctSeries } from '../../../../tests/conformance/objects-series.ts';
import { allObjects, phantomReport, SEGMENTS } from '../../../../tests/conformance/write-objects.ts';
import { codeNamed } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { buildMeasurementReport } from './build-measurement-report.ts';
import { buildStructuredReport } from './build-structured-report.ts';
import type { ContentItem } from './content-item.ts';
import { readContentTree } from './read-content.ts';
import { readMeasurementReport } from './read-measurement-report.ts';

async function stored(dataSet: DataSet): Promise<DataSet> {
  return (await readDicom(await writeDicom(createDicomFile(dataSet)))).dataSet;
}

test('a measurement report comes back as it was', async () => {
  const evidence = ctSeries();
  const report = phantomReport(evidence[0] as DataSet);
  const read = readMeasurementReport(await stored(buildMeasurementReport({ evidence, report })));
  expect(read).toEqual({ ...report, title: codeNamed('DCM', 'ImagingMeasurementReport'), language: 'en-US' });
});

test('a content tree of every value type comes back as it was', async () => {
  const name = codeNamed('DCM', 'Finding');
  const instance = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '2.25.5', frames: [2, 3] };
  const relationship = 'CONTAINS';
  const children: ContentItem[] = [
    { type: 'TEXT', relationship, name, text: 'Größe unklar\nzweite Zeile' },
    { type: 'DATE', relationship, name, text: '20250102' },
    { type: 'TIME', relationship, name, text: '030405.5' },
    { type: 'DATETIME', relationship, name, text: '20250102030405+0100' },
    { type: 'UIDREF', relationship, name, text: '2.25.9' },
    { type: 'PNAME', relationship, name, text: 'Müller^Änne' },
    { type: 'CODE', relationship, name, code: { value: 'urn:oid:1.2.3', scheme: '', meaning: 'by name' } },
    { type: 'NUM', relationship, name, value: Math.PI / 1e9, unit: codeNamed('UCUM', 'Millimeter') },
    { type: 'NUM', relationship, name, qualifier: { value: '114000', scheme: 'DCM', meaning: 'Not a number' } },
    { type: 'IMAGE', relationship, instance, children: [{ type: 'TEXT', relationship, name, text: 'below' }] },
    { type: 'COMPOSITE', relationship, name, instance: { ...instance, segments: [1] }, observationUid: '2.25.4' },
    { type: 'SCOORD', relationship, name, graphic: 'POLYLINE', points: [0, 0, 1.5, 2.25] },
    { type: 'SCOORD3D', relationship, name, graphic: 'POINT', points: [1, 2, -3], frameOfReferenceUid: '2.25.6' },
    { type: 'TCOORD', relationship, name, range: 'SEGMENT', samples: [3, 9] },
    { type: 'TCOORD', relationship, name, range: 'POINT', offsets: [0.25] },
    { type: 'REFERENCE', relationship: 'INFERRED FROM', target: [1, 2] },
  ];
  const content: ContentItem = { type: 'CONTAINER', continuity: 'CONTINUOUS', template: '1500', name, children };
  expect(readContentTree(await stored(buildStructuredReport({ evidence: ctSeries(), content })))).toEqual(content);
});

test('a verified report says who vouches for it', () => {
  const verified = { name: 'Doe^Jane', organization: 'Phantom', at: new Date() };
  const content: ContentItem = { type: 'CONTAINER', name: codeNamed('DCM', 'Finding') };
  const built = buildStructuredReport({ evidence: ctSeries(), content, verified });
  expect(built.string('VerificationFlag')).toBe('VERIFIED');
  expect(built.items('VerifyingObserverSequence')[0]?.string('VerifyingObserverName')).toBe('Doe^Jane');
});

test('refuses what TID 1500 does not allow', () => {
  const evidence = ctSeries();
  const report = phantomReport(evidence[0] as DataSet);
  const build = (change: object) => () => buildMeasurementReport({ evidence, report: { ...report, ...change } });
  const group = { trackingId: 'a', trackingUid: '2.25.1' };
  expect(build({ observers: [] })).toThrow('INVALID_ARGUMENT');
  const segment = { sopClassUid: '1.2', sopInstanceUid: '1.3' };
  expect(build({ groups: [{ ...group, regions: [{ kind: 'segment', segment }] }] })).toThrow('INVALID_ARGUMENT');
  const length = { name: codeNamed('SCT', 'Length'), value: 1 };
  expect(build({ groups: [{ ...group, measurements: [length] }] })).toThrow('INVALID_ARGUMENT');
  expect(() => readMeasurementReport(evidence[0] as DataSet)).toThrow('VALUE_INVALID');
});

test('a segmentation is reported by the volume of each of its segments', async () => {
  const { 'seg-binary': segmentation, 'sr-volumes': report } = allObjects();
  const read = readMeasurementReport(await stored(report as DataSet));
  expect(read.groups.map(({ trackingId, measurements }) => [trackingId, measurements?.[0]?.value])).toEqual(
    SEGMENTS.map(({ label, number }) => [label, number]),
  );
  expect(read.groups[0]?.regions?.[0]).toMatchObject({
    kind: 'segment',
    segment: { sopInstanceUid: segmentation?.string('SOPInstanceUID'), segments: [1] },
  });
  expect(report?.string('VerificationFlag')).toBe('VERIFIED');
});
