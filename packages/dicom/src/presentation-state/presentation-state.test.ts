import { expect, test } from 'vitest';
import { ctSeries, SIZE } from '../../../../tests/conformance/objects-series.ts';
import { ANNOTATIONS } from '../../../../tests/conformance/write-objects.ts';
import { readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { createElement } from '../values/create-element.ts';
import { buildPresentationState } from './build-presentation-state.ts';
import { readPresentationState } from './read-presentation-state.ts';

test('window, area, graphics and words come back', async () => {
  const built = buildPresentationState({
    source: ctSeries(),
    label: 'PHANTOM',
    description: 'für den Test',
    creatorName: 'Doe^Jane',
    annotations: ANNOTATIONS,
    window: { center: 40, width: 400 },
    inverse: true,
  });
  const { dataSet } = await readDicom(await writeDicom(createDicomFile(built)));
  expect(readPresentationState(dataSet)).toEqual({
    label: 'PHANTOM',
    description: 'für den Test',
    creator: 'Doe^Jane',
    imageUids: ctSeries().map((one) => one.string('SOPInstanceUID')),
    annotations: ANNOTATIONS,
    displayedAreas: [{ topLeft: [1, 1], bottomRight: [SIZE[0], SIZE[1]], mode: 'SCALE TO FIT' }],
    voi: [{ transforms: [{ kind: 'linear', center: 40, width: 400 }] }],
    rescale: { slope: 1, intercept: -1024 },
    inverse: true,
    rotation: 0,
    flipped: false,
  });
});

test('images of several sizes have a displayed area each', () => {
  const source = ctSeries().map((one, i) => (i === 0 ? one.with(createElement('Rows', 3)) : one));
  const { displayedAreas } = readPresentationState(buildPresentationState({ source, label: 'TWO' }));
  expect(displayedAreas.map(({ bottomRight }) => bottomRight)).toEqual([
    [SIZE[0], 3],
    [SIZE[0], SIZE[1]],
  ]);
  expect(displayedAreas.map(({ imageUids }) => imageUids?.length)).toEqual([1, 4]);
});

test('refuses images of several rescales, images it is not about, and what is no state', () => {
  const source = ctSeries();
  const several = source.map((one, i) => (i === 0 ? one.with(createElement('RescaleSlope', 2)) : one));
  expect(() => buildPresentationState({ source: several, label: 'A' })).toThrow('DATA_MISMATCH');
  const annotations = [{ layer: 'A', imageUids: ['2.25.1'] }];
  expect(() => buildPresentationState({ source, label: 'A', annotations })).toThrow('DATA_MISMATCH');
  for (const image of source) expect(() => readPresentationState(image)).toThrow('VALUE_INVALID');
});
