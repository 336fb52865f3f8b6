import { expect, test } from 'vitest';
import { DataSet } from '../data-set/data-set.ts';
import { createElement } from '../values/create-element.ts';
import { fromJson } from './from-json.ts';
import { toJson } from './to-json.ts';

const unicode = ['ISO_IR 192'];

test('values take the forms of PS3.18 table F.2.3-1', () => {
  const item = new DataSet([createElement('PatientID', '7')]);
  const dataSet = new DataSet([
    createElement('SpecificCharacterSet', 'ISO_IR 192'),
    createElement('ImageType', ['A', '', 'B']),
    createElement('PatientName', 'Wang^XiaoDong=王^小東', { characterSets: unicode }),
    createElement('OtherPatientIDs', null),
    createElement('ReferencedSeriesSequence', [item, new DataSet([])]),
    createElement('PixelSpacing', ['0.10', '1.23456789012345678'], { check: false }),
    createElement('InstanceNumber', 5),
    createElement('SelectorFDValue', [1.5, Number.NaN, Number.POSITIVE_INFINITY]),
    createElement('SelectorATValue', 0x00100020),
    createElement('SelectorUVValue', [7n, 2n ** 63n]),
    createElement('EncapsulatedDocument', Uint8Array.of(1, 2, 3, 4)),
  ]);
  expect(toJson(dataSet)).toEqual({
    '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
    '00080008': { vr: 'CS', Value: ['A', null, 'B'] },
    '00081115': { vr: 'SQ', Value: [{ '00100020': { vr: 'LO', Value: ['7'] } }, {}] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Wang^XiaoDong', Ideographic: '王^小東' }] },
    '00101000': { vr: 'LO' },
    '00200013': { vr: 'IS', Value: [5] },
    '00280030': { vr: 'DS', Value: [0.1, '1.23456789012345678'] },
    '00420011': { vr: 'OB', InlineBinary: 'AQIDBA==' },
    '00720060': { vr: 'AT', Value: ['00100020'] },
    '00720074': { vr: 'FD', Value: [1.5, 'NaN', 'inf'] },
    '00720083': { vr: 'UV', Value: [7, '9223372036854775808'] },
  });
});

test('bulk data leave by a callback that knows their place, and come back by another', async () => {
  const inner = new DataSet([createElement('EncapsulatedDocument', Uint8Array.of(1, 2))]);
  const dataSet = new DataSet([createElement('ReferencedSeriesSequence', [inner])]);
  const bulkDataUri = (element: { vr: string }, path: readonly (string | number)[]): string | undefined =>
    element.vr === 'OB' ? `bulk/${path.join('/')}` : undefined;
  const json = toJson(dataSet, { bulkDataUri });
  expect(JSON.stringify(json)).toContain('"BulkDataURI":"bulk/00081115/0/00420011"');
  await expect(fromJson(json)).rejects.toThrow('FILE_FORMAT');
  const again = await fromJson(json, { bulkData: () => Uint8Array.of(1, 2) });
  expect(again.items('ReferencedSeriesSequence')[0]?.bytes('EncapsulatedDocument')).toEqual(Uint8Array.of(1, 2));
});

test('text that is not ASCII is stored as UTF-8, which the data set says', async () => {
  const plain = await fromJson({ '00100020': { vr: 'LO', Value: ['A'] } });
  expect(plain.has('SpecificCharacterSet')).toBe(false);
  const chinese = await fromJson({ '00081115': { vr: 'SQ', Value: [{ '00100020': { vr: 'LO', Value: ['王'] } }] } });
  expect(chinese.string('SpecificCharacterSet')).toBe('ISO_IR 192');
  expect(chinese.items('ReferencedSeriesSequence')[0]?.string('PatientID')).toBe('王');
});

test.each([
  [[]],
  [{ PatientName: {} }],
  [{ '00100010': 5 }],
  [{ '00100010': { vr: 'XX' } }],
  [{ '00100010': { vr: 'PN', Value: 'x' } }],
  [{ '00100010': { vr: 'PN', Value: [5] } }],
  [{ '00280010': { vr: 'US', Value: ['many'] } }],
  [{ '00420011': { vr: 'OB', InlineBinary: '!' } }],
  [{ '00420011': { vr: 'OB', BulkDataURI: 'x' } }],
])('refuses %j', async (json) => {
  await expect(fromJson(json)).rejects.toThrow('FILE_FORMAT: DICOM JSON');
});
