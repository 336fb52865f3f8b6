import { expect, test } from 'vitest';
import { createDataSet, type DataSetRecord } from '../objects/create-data-set.ts';
import { acquisitionSeconds } from './acquisition-seconds.ts';

const framesOf = (records: readonly DataSetRecord[]) =>
  records.map((record) => ({ dataSet: createDataSet(record), frame: 0 }));

test('times are those of acquisition, past midnight too', () => {
  const frames = framesOf(['235950', '235958.5', '000007'].map((AcquisitionTime) => ({ AcquisitionTime })));
  const [first = 0, ...others] = acquisitionSeconds(frames, 3) ?? [];
  expect(others.map((time) => time - first)).toEqual([8.5, 17]);
});

test('a clock that stands still is passed over for the next, trigger times are milliseconds', () => {
  const frames = framesOf([0, 400, 900].map((TriggerTime) => ({ AcquisitionTime: '101010', TriggerTime })));
  expect(acquisitionSeconds(frames, 3)).toEqual([0, 0.4, 0.9]);
});

test('takes the first slice of each time point, and the stated resolution where no clock tells', () => {
  const slices = framesOf([10, 11, 20, 21].map((second) => ({ AcquisitionTime: `1010${second}` })));
  expect(acquisitionSeconds(slices, 2)).toEqual([36_610, 36_620]);
  const stated = framesOf(
    [1, 2, 3].map((TemporalPositionIdentifier) => ({ TemporalPositionIdentifier, TemporalResolution: 2500 })),
  );
  expect(acquisitionSeconds(stated, 3)).toEqual([0, 2.5, 5]);
  expect(acquisitionSeconds(framesOf([{}, {}]), 2)).toBeUndefined();
});
