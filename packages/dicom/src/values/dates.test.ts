import { expect, test } from 'vitest';
import { parseDate, parseDateTime, parseTime, showDate, showDateTime, showTime } from './dates.ts';

test.each(['20260228', '20240229', '00010101'])('the date %s is the same when shown again', (text) => {
  expect(showDate(parseDate(text) ?? { year: 0, month: 0, day: 0 })).toBe(text);
});

test.each(['20260230', '2026', '20261301', 'x', ''])('%s is no date', (text) => {
  expect(parseDate(text)).toBeUndefined();
});

test.each(['07', '0730', '073059', '073060.000123', '235959.999999'])(
  'the time %s is the same when shown again',
  (text) => {
    expect(showTime(parseTime(text) ?? { hours: 0 })).toBe(text);
  },
);

test.each(['24', '0760', '073061', '07305', '073059.'])('%s is no time', (text) => {
  expect(parseTime(text)).toBeUndefined();
});

test.each(['2026', '202602', '20260228', '2026022807', '20260228073059.000001-0330', '2026+0100'])(
  'the moment %s is the same when shown again',
  (text) => {
    expect(showDateTime(parseDateTime(text) ?? { year: 0 })).toBe(text);
  },
);

test('older forms of dates and times are read, fractions are microseconds', () => {
  expect(parseDate('2026.02.28')).toEqual({ year: 2026, month: 2, day: 28 });
  expect(parseTime('07:30:59.5')).toEqual({ hours: 7, minutes: 30, seconds: 59, microseconds: 500_000 });
  expect(parseDateTime('20260228+0530')?.offsetMinutes).toBe(330);
});
