import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dicomFiles } from '../../../../golden/dicom-files.ts';
import { readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { buildStructuredReport } from './build-structured-report.ts';
import { readContentTree } from './read-content.ts';
import { readMeasurementReport } from './read-measurement-report.ts';

type Golden = Readonly<Record<string, readonly unknown[] | object>>;

function golden(): Golden {
  return JSON.parse(readFileSync(new URL('../../../../golden/objects/real.json', import.meta.url), 'utf8')).files;
}

test.skipIf(!process.env.VESALIUS_DATA)(
  'reads measurements of several writers as highdicom does (VESALIUS_DATA)',
  { timeout: 60_000 },
  async () => {
    const files = dicomFiles();
    const expected = Object.entries(golden()).filter(([, holds]) => Array.isArray(holds));
    expect(expected.length).toBeGreaterThan(1);
    for (const [name, groups] of expected) {
      const { dataSet } = await readDicom(files.get(name) ?? new Uint8Array(0));
      const rows = readMeasurementReport(dataSet).groups.map(({ trackingId, trackingUid, measurements = [] }) => [
        trackingId,
        trackingUid,
        measurements.map(({ name: { value: code }, value, unit }) => [code, value, unit?.value]),
      ]);
      rows.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1));
      expect(rows, name).toEqual(groups);
    }
  },
);

test.skipIf(!process.env.VESALIUS_DATA)(
  'content trees of real reports come back as they were when written anew (VESALIUS_DATA)',
  { timeout: 60_000 },
  async () => {
    let reports = 0;
    for (const [name, bytes] of dicomFiles()) {
      const { dataSet } = await readDicom(bytes).catch(() => ({ dataSet: undefined }));
      if (!dataSet?.has('ContentSequence') || !dataSet.has('CompletionFlag')) continue;
      const content = readContentTree(dataSet);
      const evidence = [dataSet];
      const written = await writeDicom(createDicomFile(buildStructuredReport({ evidence, content })));
      expect(readContentTree((await readDicom(written)).dataSet), name).toEqual(content);
      reports++;
    }
    expect(reports).toBeGreaterThan(5);
  },
);
