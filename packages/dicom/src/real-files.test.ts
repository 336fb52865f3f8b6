import { readFileSync } from 'node:fs';
import { VesaliusError } from '@vesalius/errors';
import { expect, test } from 'vitest';
import { dicomFiles } from '../../../golden/dicom-files.ts';
import { dicomLines, shortHash } from '../../../golden/dicom-lines.ts';
import type { DataSet } from './data-set/data-set.ts';
import { fromJson } from './json/from-json.ts';
import { toJson } from './json/to-json.ts';
import { encodeDataSet } from './part10/encode-data-set.ts';
import { type Encoding, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from './part10/encoding.ts';
import { parseDataSet } from './part10/parse-data-set.ts';
import { readDicom } from './part10/read-dicom.ts';
import { writeDicom } from './part10/write-dicom.ts';
import { createElement } from './values/create-element.ts';

const DATA = process.env.VESALIUS_DATA;
type Row = [count: number, stored: string, values: string, ...refused: string[]];

const isNoGroupLength = (line: string): boolean => !/^(.*\.)?[\dA-F]{4}0000 /.test(line);

function through(dataSet: DataSet, encoding: Encoding): DataSet {
  return parseDataSet(encodeDataSet(dataSet, encoding), { encoding }).dataSet;
}

function golden(): Record<string, Row> {
  return JSON.parse(readFileSync(new URL('../../../golden/dicom/elements.json', import.meta.url), 'utf8')).files;
}

test.skipIf(!DATA)('reads the elements and values that pydicom reads, in 295 files (VESALIUS_DATA)', async () => {
  const answers = golden();
  const differing: string[] = [];
  for (const [name, bytes] of dicomFiles()) {
    const { meta, dataSet } = await readDicom(bytes, { file: name });
    const [count, stored, values, ...refused] = answers[name] ?? [0, '', ''];
    const kept = (line: string): boolean => !refused.includes(line.split(' ')[0] ?? '');
    const lines = [...dicomLines(meta, 'stored'), ...dicomLines(dataSet, 'stored')].filter(kept);
    const shown = [...dicomLines(meta, 'values'), ...dicomLines(dataSet, 'values')].filter(kept);
    if (lines.length !== count) differing.push(`${name}: ${lines.length} elements instead of ${count}`);
    if (shortHash(lines.join('\n')) !== stored) differing.push(`${name}: stored bytes`);
    if (shortHash(shown.join('\n')) !== values) differing.push(`${name}: values`);
  }
  // PS3.5 6.2.2: a value stored as UN is little endian in a big-endian file too; pydicom turns it.
  expect(differing).toEqual([
    'cornerstone-wado/examples/test-images/CTImage.dcm_BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm: values',
  ]);
});

test.skipIf(!DATA)(
  'writes every file back bit for bit, and with one element replaced keeps all others (VESALIUS_DATA)',
  async () => {
    for (const [name, bytes] of dicomFiles()) {
      const file = await readDicom(bytes, { file: name });
      expect(Buffer.compare(await writeDicom(file), bytes), name).toBe(0);
      // What a file cut short promised is padded, so it reads otherwise.
      if (name.includes('truncated')) continue;
      const comment = createElement('InstitutionName', 'Vesalius');
      const written = await writeDicom({ ...file, dataSet: file.dataSet.with(comment) });
      const again = await readDicom(written);
      const lines = (dataSet: DataSet): string[] =>
        dicomLines(dataSet.without('InstitutionName'), 'stored').filter(isNoGroupLength);
      expect(lines(again.dataSet), name).toEqual(lines(file.dataSet));
      expect(again.dataSet.string('InstitutionName')).toBe('Vesalius');
    }
  },
);

test.skipIf(!DATA)(
  'keeps elements and values through every encoding (VESALIUS_DATA)',
  { timeout: 120_000 },
  async () => {
    const differing: string[] = [];
    for (const [name, bytes] of dicomFiles()) {
      const { dataSet, transferSyntax } = await readDicom(bytes, { file: name });
      const lines = dicomLines(dataSet, 'values').filter(isNoGroupLength);
      const [there, back] = transferSyntax.encoding.littleEndian
        ? [EXPLICIT_BIG, EXPLICIT_LITTLE]
        : [EXPLICIT_LITTLE, EXPLICIT_BIG];
      const turned = through(through(dataSet, there), back);
      if (dicomLines(turned, 'values').join() !== lines.join()) differing.push(name);
      const little = through(turned, EXPLICIT_LITTLE);
      const implicit = through(through(little, IMPLICIT_LITTLE), EXPLICIT_LITTLE);
      const tags = (set: DataSet): string[] => dicomLines(set, 'stored').map((line) => line.replace(/ \w\w /, ' '));
      if (tags(implicit).join() !== tags(little).join()) differing.push(`${name}: implicit`);
    }
    // Bytes of an odd number are padded.
    expect(differing).toEqual([
      'pydicom/test_files/meta_missing_tsyntax.dcm',
      'pydicom/test_files/nested_priv_SQ.dcm',
      'highdicom/data/test_files/dx_image.dcm',
    ]);
  },
);

test.skipIf(!DATA)('keeps values through JSON (VESALIUS_DATA)', { timeout: 120_000 }, async () => {
  // JavaScript's JSON has no -0.
  const lines = (dataSet: DataSet): string[] =>
    dicomLines(dataSet, 'values')
      .filter((line) => isNoGroupLength(line) && !/00080005 CS/.test(line))
      .map((line) => line.replace(/(?<= F[LD].*)\b8000000000000000\b/g, '0000000000000000'));
  const differing: string[] = [];
  for (const [name, bytes] of dicomFiles()) {
    const { dataSet } = await readDicom(bytes, { file: name });
    const little = through(dataSet, EXPLICIT_LITTLE);
    const again = await fromJson(JSON.parse(JSON.stringify(toJson(little)))).catch((error: unknown) => String(error));
    if (typeof again === 'string') differing.push(`${name}: ${again}`);
    else if (lines(through(again, EXPLICIT_LITTLE)).join() !== lines(little).join()) differing.push(name);
  }
  // Bytes of an odd number are padded.
  expect(differing).toEqual(['highdicom/data/test_files/dx_image.dcm']);
});

test.skipIf(!DATA)('refuses the other files among them (VESALIUS_DATA)', async () => {
  for (const [name, bytes] of dicomFiles(false)) {
    const error = await readDicom(bytes, { file: name }).catch((error: unknown) => error);
    expect(error, name).toBeInstanceOf(VesaliusError);
    expect((error as VesaliusError).code, name).toBe('FILE_FORMAT');
  }
});
