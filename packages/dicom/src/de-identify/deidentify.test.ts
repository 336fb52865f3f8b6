import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dicomFiles } from '../../../../golden/dicom-files.ts';
import { DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import { hexTag, keywordOf, tagEntry, tagOf } from '../dictionary/tags.ts';
import { ruleOf, type Vr } from '../dictionary/vr.ts';
import { createDataSet } from '../objects/create-data-set.ts';
import { encodeDataSet } from '../part10/encode-data-set.ts';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from '../part10/encoding.ts';
import { parseDataSet } from '../part10/parse-data-set.ts';
import { readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { createElement } from '../values/create-element.ts';
import { strings } from '../values/read-values.ts';
import { deidentify } from './deidentify.ts';
import { deidentifyFile } from './deidentify-file.ts';
import { CONFIDENTIALITY_TABLE } from './generated/confidentiality-table.ts';
import type { DeidentifyPolicy } from './policy.ts';
import { createProjectKey } from './project-key.ts';
import { shiftDate } from './shift-date.ts';

const DATA = process.env.VESALIUS_DATA;
const key = await createProjectKey('a secret of more than sixteen bytes');
const BASIC: DeidentifyPolicy = { key };
const EVERYTHING_CLEANED: DeidentifyPolicy = {
  key,
  dates: 'shift',
  cleanDescriptors: true,
  cleanStructuredContent: true,
  cleanGraphics: true,
};

const MARKS: Partial<Record<Vr, string>> = {
  AS: '087Y',
  DA: '19870625',
  DT: '19870625123456',
  TM: '071829.345',
  DS: '8706254.5',
  IS: '8706254',
  UI: '1.2.99.8706254',
};

/** A value of a VR that nothing else has. */
function marked(tag: number, vr: Vr): Element {
  const { kind } = ruleOf(vr);
  if (kind === 'items') return createElement(tag, [inner()], { vr });
  if (kind === 'bytes') return createElement(tag, new TextEncoder().encode('QUXZYBYTEQUXZYBYTEQUXZYB'), { vr });
  if (kind === 'number' || kind === 'tag' || kind === 'bigint')
    return createElement(tag, kind === 'bigint' ? 7n : 7, { vr });
  return createElement(tag, MARKS[vr] ?? 'QUXZY', { vr, check: false });
}

function inner(): DataSet {
  return createDataSet({
    PatientName: 'QUXZY^Inner',
    TextValue: 'QUXZY',
    ReferencedSOPInstanceUID: '1.2.99.8706254.7',
  });
}

/** Every attribute of the table that the dictionary knows. */
function everyAttribute(): DataSet {
  const tags = CONFIDENTIALITY_TABLE.trim()
    .split('\n')
    .map((line) => Number.parseInt(line.slice(0, 8).replaceAll('x', '0'), 16))
    .filter((tag) => tag >>> 16 > 2);
  const elements = tags.map((tag) => marked(tag, tagEntry(tag)?.vrs[0] ?? 'LO'));
  const secret = createElement(0x00091001, 'QUXZY', { vr: 'LO' });
  const described = createElement('ManufacturerModelName', 'Scanner of QUXZY');
  return new DataSet([...elements, createElement(0x00090010, 'QUXZY', { vr: 'LO' }), secret, described]);
}

/** Text as one of the ways bytes may hold it. */
function holds(bytes: Uint8Array, text: string): boolean {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf8'), Buffer.from(text, 'utf16le')].some((one) =>
    whole.includes(one),
  );
}

test.each([
  ['the basic profile', BASIC],
  ['every option that cleans', EVERYTHING_CLEANED],
] as const)('%s leaves no value of any attribute of the table in the bytes', async (name, policy) => {
  const original = everyAttribute();
  expect(original.size).toBeGreaterThan(600);
  for (const encoding of [EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG]) {
    const read = parseDataSet(encodeDataSet(original, encoding), { encoding }).dataSet;
    const { dataSet, changes } = await deidentify(read, policy);
    const bytes = encodeDataSet(dataSet, encoding);
    // Times of day, ages and the like stay where an option keeps them.
    const gone =
      name === 'the basic profile' ? ['QUXZY', ...Object.values(MARKS)] : ['QUXZY', '19870625', '1.2.99.8706254'];
    expect(gone.filter((text) => holds(bytes, text))).toEqual([]);
    expect(JSON.stringify(changes)).not.toContain('QUXZY');
  }
});

test('the same patient and UIDs get the same names under one key, and others under another', async () => {
  const one = createDataSet({
    PatientID: '4711',
    SOPInstanceUID: '1.2.3.4',
    StudyDate: '20200229',
    StudyTime: '101112',
  });
  const two = createDataSet({ PatientID: '4711', SOPInstanceUID: '1.2.3.5', StudyDate: '20200310' });
  const shifting: DeidentifyPolicy = { key, dates: 'shift' };
  const [a, b] = [(await deidentify(one, shifting)).dataSet, (await deidentify(two, shifting)).dataSet];
  expect(a.string('PatientID')).toMatch(/^P-[A-Z2-9]{12}$/);
  expect(a.string('PatientID')).toBe(b.string('PatientID'));
  expect(a.string('SOPInstanceUID')).not.toBe(b.string('SOPInstanceUID'));
  const day = (text = ''): number =>
    Date.parse(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`) / 86_400_000;
  expect(day(b.string('StudyDate')) - day(a.string('StudyDate'))).toBe(10);
  expect(a.string('StudyDate')).not.toBe('20200229');
  expect(a.string('StudyTime')).toBe('101112');
  const other = await deidentify(one, { key: await createProjectKey('another secret of sixteen bytes') });
  expect(other.dataSet.string('PatientID')).not.toBe(a.string('PatientID'));
  expect(other.dataSet.string('SOPInstanceUID')).not.toBe(a.string('SOPInstanceUID'));
});

test('says by codes what was done, keeps classes, and empties what no table can know', async () => {
  const { dataSet } = await deidentify(
    createDataSet({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
      PatientName: 'Huber^Josefine',
      Manufacturer: 'Scans for Huber',
      ImageType: ['ORIGINAL', 'PRIMARY'],
      StudyDescription: 'CT Thorax Huber 12.5 Josefine with contrast',
    }),
    { key, cleanDescriptors: true },
  );
  expect(dataSet.string('SOPClassUID')).toBe('1.2.840.10008.5.1.4.1.1.2');
  expect(dataSet.strings('ImageType')).toEqual(['ORIGINAL', 'PRIMARY']);
  expect(dataSet.string('Manufacturer')).toBeUndefined();
  expect(dataSet.string('StudyDescription')).toBe('CT Thorax 12.5 with contrast');
  expect(dataSet.items('DeidentificationMethodCodeSequence').map((item) => item.string('CodeValue'))).toEqual([
    '113100',
    '113105',
  ]);
});

test('keeps private elements that are known as safe, and only those', async () => {
  const creator = createElement(0x00190010, 'SIEMENS MR HEADER', { vr: 'LO' });
  const value = createElement(0x0019100c, 1000, { vr: 'IS' });
  const other = createElement(0x0019100d, 'DIRECTIONAL', { vr: 'CS' });
  const safePrivate = [{ creator: 'SIEMENS MR HEADER', elements: [{ group: 0x19, last: 0x0c }] }];
  const { dataSet } = await deidentify(new DataSet([creator, value, other]), { key, safePrivate });
  expect([0x00190010, 0x0019100c, 0x0019100d].map((tag) => dataSet.has(tag))).toEqual([true, true, false]);
});

test('blacks out regions in every frame, and warns of pixels that may show names', async () => {
  const image = createDataSet({
    Modality: 'US',
    Rows: 2,
    Columns: 3,
    NumberOfFrames: 2,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    PixelData: Uint8Array.from({ length: 12 }, (_, i) => i + 1),
  });
  expect((await deidentify(image, BASIC)).warnings).toHaveLength(1);
  const region = { left: 1, top: 0, width: 9, height: 1 };
  const { file, warnings } = await deidentifyFile(createDicomFile(image), { key, blackOut: [region] });
  expect(warnings).toEqual([]);
  expect([...(file.dataSet.bytes('PixelData') ?? [])]).toEqual([1, 0, 0, 4, 5, 6, 7, 0, 0, 10, 11, 12]);
  expect(file.dataSet.string('BurnedInAnnotation')).toBe('NO');
});

test('comments inside compressed pixels are blanked in their place', async () => {
  const jpeg = Uint8Array.of(
    0xff,
    0xd8,
    0xff,
    0xfe,
    0,
    7,
    0x51,
    0x55,
    0x58,
    0x5a,
    0x59,
    0xff,
    0xda,
    0,
    2,
    0x51,
    0xff,
    0xd9,
  );
  const pixels = {
    kind: 'fragments',
    tag: 0x7fe00010,
    vr: 'OB',
    offsetTable: new Uint8Array(0),
    fragments: [jpeg],
  } as const;
  const { file } = await deidentifyFile(createDicomFile(new DataSet([pixels]), '1.2.840.10008.1.2.4.50'), BASIC);
  const bytes = await writeDicom(file);
  expect(holds(bytes, 'QUXZY')).toBe(false);
  expect(holds(bytes, '\xff\xfe\0\x07     \xff\xda\0\x02Q\xff\xd9')).toBe(true);
});

test('a date moves by whole days and back, and what is no date is not kept', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      fc.nat(3652),
      (date, days) => {
        const text = date.toISOString().slice(0, 10).replaceAll('-', '');
        expect(shiftDate(shiftDate(text, days) ?? '', -days)).toBe(text);
      },
    ),
  );
  expect(shiftDate('20200301120000.5+0100', 1)).toBe('20200229120000.5+0100');
  expect(['Huber', '2020', '20201399', '20200101Huber'].map((text) => shiftDate(text, 1))).toEqual(
    Array(4).fill(undefined),
  );
});

const IDENTIFIERS = ['PatientID', 'AccessionNumber', 'PatientBirthDate', 'InstitutionName', 'InstitutionAddress'];

/** Texts of a data set that tell who the patient is. */
function identifying(dataSet: DataSet): string[] {
  return [...dataSet].flatMap((element) => {
    if (element.kind === 'sequence') return element.items.flatMap(identifying);
    const texts = strings(element, dataSet.characterSets);
    if (element.vr === 'PN') return texts.flatMap((text) => [text, ...text.split(/[\^= ]/)]);
    const keyword = keywordOf(element.tag);
    return IDENTIFIERS.includes(keyword) || /(Instance|Reference)UID$/.test(keyword) ? texts : [];
  });
}

test.skipIf(!DATA)(
  'no name, identifier or UID is left in the bytes of 295 real files (VESALIUS_DATA)',
  { timeout: 300_000 },
  async () => {
    const left: string[] = [];
    for (const [name, bytes] of dicomFiles()) {
      const file = await readDicom(bytes, { file: name });
      const cleaned = await writeDicom((await deidentifyFile(file, BASIC)).file);
      for (const text of new Set([...identifying(file.dataSet), ...identifying(file.meta)])) {
        // Short words stand everywhere by chance; some files were anonymized with the word that is used here too.
        if (text.length < 5 || text.startsWith('1.2.840.10008.') || text === 'Anonymized') continue;
        if (holds(cleaned, text)) left.push(`${name}: ${text}`);
      }
    }
    expect(left).toEqual([]);
  },
);

test('names every attribute that was changed by its path', async () => {
  const nested = createDataSet({ RequestAttributesSequence: [{ AccessionNumber: 'A1' }], PatientName: 'A^B' });
  const { changes } = await deidentify(nested, BASIC);
  expect(changes.map(({ path }) => path)).toContain(hexTag(tagOf('PatientName')));
});
