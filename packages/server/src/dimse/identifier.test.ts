import { createElement, DataSet, EXPLICIT_LITTLE, encodeDataSet } from '@vesalius/dicom';
import { EXPLICIT_VR_LITTLE_ENDIAN, QUERY_RETRIEVE } from '@vesalius/dicom-network';
import { expect, test } from 'vitest';
import { readIdentifier } from './identifier.ts';

const { patientRoot, studyRoot } = QUERY_RETRIEVE;

const read = (sopClassUid: string, ...elements: Parameters<typeof createElement>[]) =>
  readIdentifier(encodeDataSet(new DataSet(elements.map((each) => createElement(...each))), EXPLICIT_LITTLE), {
    sopClassUid,
    transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN,
  });

test('keys with a value are matched, all keys are asked for, neither is what speaks of the query', () => {
  const step = new DataSet([
    createElement('ScheduledProcedureStepID', 'S1'),
    createElement('RequestedProcedureID', ''),
  ]);
  const { level, asked, match } = read(
    studyRoot.find,
    ['SpecificCharacterSet', 'ISO_IR 100'],
    ['QueryRetrieveLevel', 'SERIES'],
    ['RetrieveAETitle', 'X'],
    ['StudyInstanceUID', ['1.2', '1.3']],
    ['PatientName', 'A*'],
    ['SeriesNumber', 7],
    ['RequestAttributesSequence', [step]],
    ['SeriesDescription', ''],
  );
  expect(level).toBe('SERIES');
  expect(match).toEqual([
    { tag: '00100010', value: 'A*' },
    { tag: '0020000D', value: '1.2\\1.3' },
    { tag: '00200011', value: '7' },
    { tag: '00400275.00400009', value: 'S1' },
  ]);
  expect(asked.map(({ tag }) => tag)).toEqual([0x0008103e, 0x00100010, 0x0020000d, 0x00200011, 0x00400275]);
});

test('the level of patients is of the patient root alone', () => {
  expect(read(patientRoot.find, ['QueryRetrieveLevel', 'PATIENT']).level).toBe('PATIENT');
  expect(() => read(studyRoot.find, ['QueryRetrieveLevel', 'PATIENT'])).toThrow('DATA_MISMATCH');
  expect(() => read(studyRoot.move, ['PatientID', '1'])).toThrow('QueryRetrieveLevel');
});
