import { affineFromSpacing } from '@vesalius/volume';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ctSeries } from '../../../../tests/conformance/objects-series.ts';
import { DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import { createElement } from '../values/create-element.ts';
import { createDataSet } from './create-data-set.ts';
import { createInstance, dateAndTime } from './create-instance.ts';
import { createUid } from './create-uid.ts';
import { labOf, type Rgb, rgbOf } from './lab-color.ts';
import { planesOf } from './planes.ts';
import { placeOnGrid, stackOf } from './stack.ts';

const REQUEST = { sopClassUid: '1.2.840.10008.5.1.4.1.1.7', modality: 'OT', attributes: {} };

test('a record becomes elements with the VRs of the dictionary, items included', () => {
  const made = createDataSet({
    Rows: 2,
    PixelSpacing: [0.5, 0.25],
    PatientName: null,
    StudyID: undefined,
    SegmentSequence: [{ SegmentNumber: 1, SegmentLabel: 'größte' }],
  });
  expect([...made].map(({ vr }) => vr)).toEqual(['PN', 'US', 'DS', 'SQ']);
  expect(made.items('SegmentSequence')[0]?.string('SegmentLabel')).toBe('größte');
  expect(() => createDataSet({ Rows: 'many' })).toThrow('VALUE_INVALID');
});

test('UIDs are new, short enough and of the root for UUIDs', () => {
  const uids = new Set(Array.from({ length: 100 }, createUid));
  expect(uids.size).toBe(100);
  for (const uid of uids) expect(uid).toMatch(/^2\.25\.[1-9]\d{0,38}$/);
});

test('patient and study are copied, whatever the character set they were in', () => {
  const characterSets = ['ISO_IR 100'];
  const source = new DataSet([
    createElement('SpecificCharacterSet', characterSets),
    createElement('PatientName', 'Müller^Änne', { characterSets }),
    createElement('StudyInstanceUID', '1.2.3'),
  ]);
  const made = createInstance({ source: [source], ...REQUEST });
  expect(made.string('SpecificCharacterSet')).toBe('ISO_IR 192');
  expect(made.string('PatientName')).toBe('Müller^Änne');
  expect(made.has('StudyID') && made.string('StudyID') === undefined).toBe(true);
});

test('a study of before 1993 has its date and time as they are written today', () => {
  const source = createDataSet({ StudyInstanceUID: '1.2.3', StudyDate: '1992.12.31', StudyTime: '23:59:58' });
  const made = createInstance({ source: [source], ...REQUEST });
  expect([made.string('StudyDate'), made.string('StudyTime')]).toEqual(['19921231', '235958']);
});

test('refuses sources of two patients or studies', () => {
  const [a, b] = ctSeries() as [DataSet, DataSet];
  for (const name of ['PatientID', 'StudyInstanceUID'] as const) {
    const other = b.with(createElement(name, '1.9'));
    expect(() => createInstance({ source: [a, other], ...REQUEST })).toThrow('DATA_MISMATCH');
  }
});

test('dates are of the time zone that the source states', () => {
  const now = new Date('2025-12-31T23:30:15.250Z');
  const zone = new DataSet([createElement('TimezoneOffsetFromUTC', '+0130')]);
  expect(dateAndTime(now, zone)).toEqual({ date: '20260101', time: '010015.250' });
});

test('colours come back from CIELab within a step', () => {
  const channel = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(channel, channel, channel), (color) => {
      for (const [i, value] of rgbOf(labOf(color as Rgb)).entries())
        expect(Math.abs(value - (color[i] as number))).toBeLessThanOrEqual(1);
    }),
  );
  expect(labOf([255, 255, 255])[0]).toBe(65535);
});

test('planes in any order, with a slice missing, are one stack', () => {
  const planes = ctSeries().flatMap(planesOf);
  const some = [4, 0, 3, 1].map((i) => planes[i] as (typeof planes)[0]);
  const { grid, slices } = stackOf(some);
  expect(slices).toEqual([4, 0, 3, 1]);
  expect(placeOnGrid(grid, planes, { samePixels: true })).toEqual([0, 1, 2, 3, 4]);
});

test('planes that are turned, unevenly placed or of other pixels are no stack', () => {
  const series = ctSeries();
  const changed = (...elements: Element[]) =>
    series.flatMap((one, i) => planesOf(i === 2 ? one.with(...elements) : one));
  expect(() => stackOf(changed(createElement('ImageOrientationPatient', [1, 0, 0, 0, 1, 0])))).toThrow(
    'GEOMETRY_MISMATCH',
  );
  expect(() => stackOf(changed(createElement('PixelSpacing', [1, 1])))).toThrow('GEOMETRY_MISMATCH');
  expect(() => stackOf(changed(createElement('ImagePositionPatient', [-10, 16.8, 34.6])))).toThrow('GEOMETRY_MISMATCH');
  expect(() => stackOf([])).toThrow('GEOMETRY_MISMATCH');
  expect(() => changed(createElement('ImagePositionPatient', [1, 2]))).toThrow('VALUE_INVALID');
  expect(() => changed(createElement('TotalPixelMatrixRows', 9))).toThrow('FILE_UNSUPPORTED');
});

test('an image without a place has no planes', () => {
  const [first] = ctSeries() as [DataSet];
  expect(() => planesOf(first.without('ImagePositionPatient'))).toThrow('VALUE_INVALID');
});

test('refuses what only a broken file asks for', () => {
  const [first, second] = ctSeries() as [DataSet, DataSet];
  expect(() => planesOf(first.with(createElement('NumberOfFrames', 2_000_000_000)))).toThrow('LIMIT_EXCEEDED');
  const far = second.with(createElement('ImagePositionPatient', [-10, 20 - 0.6e9, 30 + 0.8e9]));
  expect(() => stackOf([first, far].flatMap(planesOf), 2.5)).toThrow('LIMIT_EXCEEDED');
});

test('a plane between the slices of a grid, or across them, is in none', () => {
  const planes = ctSeries().flatMap(planesOf);
  const grid = { size: [9, 7, 5] as const, voxelToLps: affineFromSpacing([1, 1, 1]) };
  expect(placeOnGrid(grid, planes, { samePixels: false })).toEqual(planes.map(() => undefined));
});
