import { VesaliusError } from '@vesalius/errors';
import { expect, test } from 'vitest';
import { dicomFiles } from '../../../golden/dicom-files.ts';
import { dicomLines } from '../../../golden/dicom-lines.ts';
import { DataSet } from './data-set/data-set.ts';
import { fromJson } from './json/from-json.ts';
import { toJson } from './json/to-json.ts';
import { EXPLICIT_LITTLE, IMPLICIT_LITTLE } from './part10/encoding.ts';
import { parseDataSet } from './part10/parse-data-set.ts';
import { readDicom } from './part10/read-dicom.ts';
import { createDicomFile, writeDicom } from './part10/write-dicom.ts';
import { createElement } from './values/create-element.ts';

const DATA = process.env.VESALIUS_DATA;
const RUNS = Number(process.env.VESALIUS_FUZZ ?? 200);

/** A small linear congruential generator: the same mutations in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
}

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const mutated = bytes.slice();
  const reach = Math.min(bytes.length, 4000);
  for (let flips = 1 + Math.floor(random() * 8); flips > 0; flips--) {
    mutated[Math.floor(random() * reach)] = Math.floor(random() * 256);
  }
  if (random() < 0.2) mutated.fill(0xff, Math.floor(random() * reach));
  return random() < 0.2 ? mutated.subarray(0, Math.floor(random() * bytes.length)) : mutated;
}

test.skipIf(!DATA)(
  'mutated files are read or refused with a code, each within a second (VESALIUS_DATA)',
  { timeout: 600_000 },
  async () => {
    const files = [...dicomFiles().values()].filter((bytes) => bytes.length < 60_000);
    const random = generator(7);
    let slowestMs = 0;
    let refused = 0;
    for (let run = 0; run < RUNS; run++) {
      const bytes = mutate(files[Math.floor(random() * files.length)] as Uint8Array, random);
      const before = process.cpuUsage();
      try {
        const file = await readDicom(bytes);
        dicomLines(file.dataSet, 'values');
        await fromJson(toJson(file.dataSet));
        await writeDicom({ ...file, dataSet: file.dataSet.without('PatientName') });
      } catch (error) {
        refused++;
        if (!(error instanceof VesaliusError)) throw error;
      }
      const { user, system } = process.cpuUsage(before);
      slowestMs = Math.max(slowestMs, (user + system) / 1000);
    }
    expect(slowestMs).toBeLessThan(1000);
    expect(refused).toBeLessThan(RUNS / 5);
  },
);

const item = Uint8Array.of(0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff);
const sequence = Uint8Array.of(8, 0, 0x15, 0x11, 0xff, 0xff, 0xff, 0xff);

test('refuses sequences nested without end', () => {
  const nested = new Uint8Array(16 * 5000);
  for (let at = 0; at < nested.length; at += 16) nested.set([...sequence, ...item], at);
  expect(() => parseDataSet(nested, { encoding: IMPLICIT_LITTLE })).toThrow(
    'LIMIT_EXCEEDED: depth of nested sequences',
  );
});

test('refuses more elements than the limit', () => {
  const many = new Uint8Array(8 * 1000);
  for (let at = 0; at < many.length; at += 8) many.set([8, 0, at & 0xff, at >> 8, 0, 0, 0, 0], at);
  const limits = { depth: 8, elements: 999, inflatedBytes: 1 };
  expect(() => parseDataSet(many, { encoding: IMPLICIT_LITTLE, limits })).toThrow('LIMIT_EXCEEDED: number of elements');
});

test('refuses deflated data that grow past the limit', async () => {
  const dataSet = new DataSet([createElement('EncapsulatedDocument', new Uint8Array(1 << 20))]);
  const bytes = await writeDicom(createDicomFile(dataSet, '1.2.840.10008.1.2.1.99'));
  expect(bytes.length).toBeLessThan(10_000);
  expect((await readDicom(bytes)).dataSet.size).toBe(1);
  await expect(readDicom(bytes, { limits: { inflatedBytes: 1 << 19 } })).rejects.toThrow('LIMIT_EXCEEDED');
});

test('an element longer than the file is cut off with a warning that names its tag and place', () => {
  const bytes = Uint8Array.of(0x10, 0, 0x10, 0, 0x50, 0x4e, 40, 0, 0x41, 0x42);
  const { dataSet, warnings } = parseDataSet(bytes, { encoding: EXPLICIT_LITTLE });
  expect(dataSet.string('PatientName')).toBe('AB');
  expect(warnings).toEqual([{ offset: 0, what: '(0010,0010) is longer than what holds it' }]);
});
