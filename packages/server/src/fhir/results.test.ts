import {
  buildMeasurementReport,
  codeNamed,
  createDicomFile,
  type DataSet,
  type MeasurementReport,
  readDicom,
  writeDicom,
} from '@vesalius/dicom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntheticInstance } from '../store/synthetic-instance.ts';
import { openFhirUnderTest } from './fhir-under-test.ts';

let server: Awaited<ReturnType<typeof openFhirUnderTest>>;
let source: DataSet;

const SOURCE = {
  StudyInstanceUID: '1.2.8',
  SeriesInstanceUID: '1.2.8.1',
  SOPInstanceUID: '1.2.8.1.1',
  StudyDate: '20240203',
  PatientName: 'Ng^Mei Ling',
  PatientID: 'N8',
  Modality: 'MR',
};
const REPORT: MeasurementReport = {
  observers: [
    { kind: 'person', name: 'Doe^Jane' },
    { kind: 'device', uid: '2.25.7', name: 'hippocampus-1', manufacturer: 'Vesalius', model: 'hippocampus' },
  ],
  groups: [
    {
      trackingId: 'Anterior',
      trackingUid: '2.25.8',
      finding: { value: '279209008', scheme: 'SCT', meaning: 'Hippocampus' },
      regions: [
        {
          kind: 'segment',
          segment: { sopClassUid: '1.2.840.10008.5.1.4.1.1.66.4', sopInstanceUid: '1.2.8.2.1', segments: [1] },
          sourceSeriesUid: '1.2.8.1',
        },
      ],
      measurements: [
        {
          name: { value: '118565006', scheme: 'SCT', meaning: 'Volume' },
          value: 1.75,
          unit: codeNamed('UCUM', 'CubicCentimeter'),
        },
      ],
    },
  ],
};

beforeAll(async () => {
  server = await openFhirUnderTest();
  await server.store(SOURCE);
  source = (await readDicom(await syntheticInstance(SOURCE))).dataSet;
}, 60_000);
afterAll(() => server.close());

async function storeReport(sopInstanceUid: string, more: object = {}): Promise<void> {
  const dataSet = buildMeasurementReport({ evidence: [source], report: REPORT, sopInstanceUid, ...more });
  const outcome = await server.services.archive.store(await writeDicom(createDicomFile(dataSet)), {
    source: { kind: 'product', from: 'test' },
    project: 'default',
    access: { projects: 'all' },
  });
  expect(outcome).toMatchObject({ status: 'stored' });
}

test('a measurement report is a DiagnosticReport with its observations, device and provenance', async () => {
  await storeReport('1.2.8.9.1');
  const { body } = await server.ask('GET', 'DiagnosticReport?patient.identifier=N8&_include=DiagnosticReport:result');
  const [report, observation] = body.entry.map((each: { resource: unknown }) => each.resource);
  expect(report).toMatchObject({
    status: 'preliminary',
    code: { coding: [{ system: 'http://dicom.nema.org/resources/ontology/DCM', code: '126000' }] },
    performer: [{ display: 'Jane Doe' }],
    result: [{ reference: `Observation/${observation.id}` }],
  });
  expect(observation).toMatchObject({
    valueQuantity: { value: 1.75, system: 'http://unitsofmeasure.org', code: 'cm3' },
    bodySite: { coding: [{ system: 'http://snomed.info/sct', code: '279209008' }] },
    subject: report.subject,
  });
  for (const resource of [report, observation])
    expect((await server.ask('POST', `${resource.resourceType}/$validate`, { body: resource })).body.issue).toEqual([
      expect.objectContaining({ severity: 'information' }),
    ]);
  for (const query of ['code=http://snomed.info/sct|118565006', 'value-quantity=gt1.7||cm3', 'status=preliminary'])
    expect([query, (await server.ask('GET', `Observation?${query}`)).body.entry?.length]).toEqual([query, 1]);
  const device = await server.ask('GET', observation.device.reference);
  expect(device.body).toMatchObject({ manufacturer: 'Vesalius', modelNumber: 'hippocampus' });
  const [provenance] = (await server.ask('GET', `Provenance?target=DiagnosticReport/${report.id}`)).body.entry;
  expect(provenance.resource.agent).toHaveLength(2);
});

test('who vouches for it makes it final, and it goes with its document', async () => {
  await storeReport('1.2.8.9.2', { verified: { name: 'Roe^Ann', organization: 'Ward', at: new Date() } });
  const { body } = await server.ask('GET', 'DiagnosticReport?status=final');
  expect(body.entry).toHaveLength(1);
  const [{ resource }] = body.entry;
  expect(resource.resultsInterpreter).toEqual([{ display: 'Ann Roe' }]);
  await server.services.archive.assign('1.2.8', 'other');
  expect((await server.ask('GET', 'Observation', { as: ['default'] })).body.entry ?? []).toEqual([]);
  const moved = await server.ask('GET', 'DiagnosticReport?patient.identifier=N8', { as: ['other'] });
  expect(moved.body.entry).toHaveLength(2);
  await server.services.archive.remove({ study: '1.2.8' }, { projects: 'all' });
  expect((await server.ask('GET', `DiagnosticReport/${resource.id}`)).status).toBe(410);
});
