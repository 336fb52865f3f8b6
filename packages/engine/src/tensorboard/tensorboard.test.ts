import { VesaliusError } from '@vesalius/errors';
import { expect, test } from 'vitest';
import { type GoldenCase, goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import { damagedCopies } from '../binary/damaged-copies.ts';
import { encodePng } from '../binary/encode-png.ts';
import { eventFileName } from './event-file-name.ts';
import { histogramBuckets } from './histogram-buckets.ts';
import { readEvents } from './read-events.ts';
import { maskedCrc32c } from './record.ts';
import type { RunEvent } from './run-event.ts';
import { writeEvent, writeFileHeader } from './write-event.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const EVENTS: RunEvent[] = [
  { wallTimeSeconds: 2, step: 7, summaries: [{ kind: 'scalar', tag: 'loss', value: 0.5 }] },
  {
    wallTimeSeconds: 3.25,
    step: 2 ** 40,
    summaries: [
      { kind: 'histogram', tag: 'weights', buckets: histogramBuckets([1, 2, 2, 5], 4) },
      { kind: 'text', tag: 'note', text: 'zwei Wörter' },
      { kind: 'hparams', values: { rate: 0.001, optimizer: 'adamw', amp: true } },
    ],
  },
];

function file(events: readonly RunEvent[]): Uint8Array {
  return Buffer.concat([writeFileHeader(1), ...events.map(writeEvent)]);
}

test('writes the records that TensorBoard writes', () => {
  expect(hex(writeFileHeader(1))).toBe(
    '1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a',
  );
  const loss = '1a00000000000000129bd82d09000000000000004010072a0d0a0b0a046c6f7373150000003fc33fc24a';
  expect(hex(writeEvent(EVENTS[0] as RunEvent))).toBe(loss);
});

test('masks the checksum', () => {
  expect(maskedCrc32c(new TextEncoder().encode('123456789'))).toBe(0xc78ab0e5);
});

test('reads back what it wrote', async () => {
  const png = await encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) });
  const pictures = [{ width: 2, height: 1, png }];
  const events: RunEvent[] = [
    ...EVENTS,
    { wallTimeSeconds: 4, step: 8, summaries: [{ kind: 'image', tag: 'slice', pictures }] },
    { wallTimeSeconds: 5, step: 6, summaries: [], restart: true },
  ];
  const bytes = Uint8Array.from(file(events));
  expect(readEvents(bytes)).toEqual({ events, end: bytes.length });
});

test('reads what the writer of PyTorch writes', () => {
  const [item] = readGolden('formats/events').cases as [GoldenCase];
  const { events } = readEvents(goldenValues(item.inputs['file'] as never) as Uint8Array);
  expect(events).toMatchObject([
    { wallTimeSeconds: 2, step: 7, summaries: [{ kind: 'scalar', tag: 'loss', value: 0.5 }] },
    { wallTimeSeconds: 3, step: 2 ** 40, summaries: [{ kind: 'scalar', tag: 'loss', value: -0.25 }] },
    { step: 8, summaries: [{ kind: 'scalar', tag: 'new style', value: 1.5 }] },
    { step: 9, summaries: [{ kind: 'text', tag: 'note/text_summary', text: 'two words' }] },
    { step: 10, summaries: [{ kind: 'image', tag: 'picture', pictures: [{ width: 4, height: 3 }] }] },
  ]);
});

test('leaves an unfinished record for the next reading', () => {
  const bytes = file(EVENTS);
  const cut = readEvents(bytes.subarray(0, bytes.length - 1));
  expect(cut.events).toEqual(EVENTS.slice(0, 1));
  expect(readEvents(bytes, cut.end)).toEqual({ events: EVENTS.slice(1), end: bytes.length });
});

test('answers damaged files with coded errors only', () => {
  for (const copy of damagedCopies(file(EVENTS), 2000)) {
    try {
      readEvents(copy);
    } catch (error) {
      expect(error).toBeInstanceOf(VesaliusError);
    }
  }
});

test.each(readGolden('formats/histogram').cases)('counts $name values as TensorBoard does', ({ inputs, expected }) => {
  const rows = histogramBuckets(goldenValues(inputs['values'] as never)).flatMap(({ left, right, count }) => [
    left,
    right,
    count,
  ]);
  expect(relativeError(rows, goldenValues(expected['buckets'] as never))).toBeLessThan(1e-12);
});

test('leaves values that are not finite out of a histogram', () => {
  expect(histogramBuckets([Number.NaN, 1, Number.POSITIVE_INFINITY, 2], 2)).toEqual(histogramBuckets([1, 2], 2));
});

test('names a file so that it sorts behind those already there', () => {
  const origin = { wallTimeSeconds: 1_700_000_000.5, host: 'a host', pid: 42 };
  const first = eventFileName(origin);
  expect(first).toBe('events.out.tfevents.1700000000.a-host.42.0');
  const second = eventFileName(origin, [first, 'notes.txt']);
  expect(second).toBe('events.out.tfevents.1700000001.a-host.42.1');
  expect([second, first].sort()).toEqual([first, second]);
});
