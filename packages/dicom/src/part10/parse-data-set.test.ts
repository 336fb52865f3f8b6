import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import { createElement } from '../values/create-element.ts';
import { encodeDataSet } from './encode-data-set.ts';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from './encoding.ts';
import { parseDataSet } from './parse-data-set.ts';
import { readDicom } from './read-dicom.ts';
import { readDicomHeader } from './read-header.ts';
import { createDicomFile, writeDicom } from './write-dicom.ts';

const ascii = (...codes: (string | number)[]): Uint8Array =>
  Uint8Array.from(
    codes.flatMap((code) => (typeof code === 'number' ? [code] : [...code].map((letter) => letter.charCodeAt(0)))),
  );

const text = fc.stringMatching(/^[A-Za-z0-9^]{0,20}$/);
const leaf: fc.Arbitrary<Element> = fc.oneof(
  text.map((value) => createElement('PatientName', value)),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 5 })
    .map((value) => createElement('ReferencedFrameNumbers', value)),
  fc.array(fc.double({ noNaN: true }), { maxLength: 3 }).map((value) => createElement('SelectorFDValue', value)),
  fc
    .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 3 })
    .map((value) => createElement('SelectorSVValue', value)),
  fc
    .array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 3 })
    .map((value) => createElement('SelectorATValue', value)),
  fc
    .uint8Array({ maxLength: 9 })
    .map((value) => createElement('EncapsulatedDocument', value.slice(0, value.length & ~1))),
);
const dataSets: fc.Arbitrary<DataSet> = fc.letrec<{ set: DataSet; element: Element }>((tie) => ({
  set: fc.array(tie('element'), { maxLength: 5 }).map((elements) => new DataSet(elements)),
  element: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    leaf,
    fc.array(tie('set'), { maxLength: 3 }).map((items) => createElement('ReferencedSeriesSequence', items)),
  ),
})).set;

function plain(dataSet: DataSet): unknown {
  return [...dataSet].map((element) =>
    element.kind === 'sequence'
      ? [element.tag, element.items.map(plain)]
      : [
          element.tag,
          element.vr,
          dataSet.strings(element.tag),
          element.vr === 'OB' && element.kind === 'value' ? [...element.bytes] : 0,
        ],
  );
}

test.each([EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG])('what is written in %o is read again', (encoding) => {
  fc.assert(
    fc.property(dataSets, (dataSet) => {
      const bytes = encodeDataSet(dataSet, encoding);
      const { dataSet: again, warnings } = parseDataSet(bytes, { encoding });
      expect(warnings).toEqual([]);
      expect(plain(again)).toEqual(plain(dataSet));
      expect(encodeDataSet(again, encoding)).toEqual(bytes);
    }),
  );
});

test('reads items of undefined length, and an element of unknown VR with undefined length as a sequence', () => {
  // PS3.5 6.2.2: UN, implicit little endian inside.
  // biome-ignore format: a line of bytes an element
  const bytes = ascii(9, 0, 0x10, 0, 'LO', 4, 0, 'ACME', 9, 0, 1, 0x10, 'UN', 0, 0, 255, 255, 255, 255,
    0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255, 0x10, 0, 0x20, 0, 2, 0, 0, 0, '42', 0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0,
    0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0, 0x10, 0, 0x40, 0, 'CS', 2, 0, 'O ');
  const { dataSet, warnings } = parseDataSet(bytes, { encoding: EXPLICIT_LITTLE });
  expect(warnings).toEqual([]);
  expect(dataSet.items(0x00091001)[0]?.string('PatientID')).toBe('42');
  expect(dataSet.string('PatientSex')).toBe('O');
  expect(dataSet.creatorOf(0x00091001)).toBe('ACME');
  expect(dataSet.privateElement('ACME', 9, 1)?.kind).toBe('sequence');
});

test('an element without VR decides between US and SS by the pixel representation that follows it in an outer data set', () => {
  const inner = new DataSet([createElement('SmallestImagePixelValue', [-5], { vr: 'SS' })]);
  const outer = new DataSet([
    createElement('ReferencedSeriesSequence', [inner]),
    createElement('PixelRepresentation', 1),
  ]);
  const { dataSet } = parseDataSet(encodeDataSet(outer, IMPLICIT_LITTLE), { encoding: IMPLICIT_LITTLE });
  expect(dataSet.items('ReferencedSeriesSequence')[0]?.number('SmallestImagePixelValue')).toBe(-5);
});

test('a value too long for its VR is written as UN and read as what it was', () => {
  const long = new DataSet([createElement('PatientComments', 'x'.repeat(70_000), { check: false })]);
  const bytes = encodeDataSet(long, EXPLICIT_LITTLE);
  expect(String.fromCharCode(...bytes.subarray(4, 6))).toBe('UN');
  expect(parseDataSet(bytes, { encoding: EXPLICIT_LITTLE }).dataSet.get('PatientComments')).toMatchObject({ vr: 'UN' });
});

test('a file of our own has preamble, meta information and its length', async () => {
  const dataSet = new DataSet([
    createElement('SOPClassUID', '1.2.840.10008.5.1.4.1.1.7'),
    createElement('SOPInstanceUID', '1.2.3'),
  ]);
  for (const uid of ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99']) {
    const bytes = await writeDicom(createDicomFile(dataSet, uid));
    const { meta, dataSet: again, warnings } = await readDicom(bytes);
    expect(warnings).toEqual([]);
    expect(meta.string('TransferSyntaxUID')).toBe(uid);
    expect(meta.string('MediaStorageSOPInstanceUID')).toBe('1.2.3');
    expect(again.string('SOPInstanceUID')).toBe('1.2.3');
    const length = meta.number('FileMetaInformationGroupLength') ?? 0;
    if (uid !== '1.2.840.10008.1.2.1.99')
      expect(bytes.length - 144 - length).toBe(encodeDataSet(dataSet, EXPLICIT_LITTLE).length);
  }
});

test('reads the header of a large file without its pixels', async () => {
  const pixels = new Uint16Array(1 << 20);
  const dataSet = new DataSet([
    createElement('Rows', 1024),
    createElement('PixelData', pixels),
    createElement('DataSetTrailingPadding', new Uint8Array(2)),
  ]);
  const bytes = await writeDicom(createDicomFile(dataSet));
  let read = 0;
  const blob = new Blob([bytes]);
  const source = {
    size: blob.size,
    slice: (start: number, end: number) => {
      read += end - start;
      return blob.slice(start, end);
    },
  };
  const header = await readDicomHeader(source);
  expect(header.dataSet.number('Rows')).toBe(1024);
  expect(header.dataSet.has('PixelData')).toBe(false);
  expect(header.next).toMatchObject({ tag: 0x7fe00010, length: 2 << 20 });
  expect(read).toBeLessThan(70_000);
});
