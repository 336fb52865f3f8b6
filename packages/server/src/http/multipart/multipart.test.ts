import { VesaliusError } from '@vesalius/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MULTIPART_LIMITS, type MultipartLimits, MultipartParser } from './multipart-parser.ts';
import { readParts } from './read-parts.ts';
import { writeParts } from './write-parts.ts';

const BOUNDARY = 'b-1';

interface ReadPart {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** What a body says when it comes in these pieces: its parts, or the code it is refused with. */
function read(pieces: readonly Uint8Array[], boundary = BOUNDARY, limits?: MultipartLimits): ReadPart[] | string {
  const parts: { headers: Record<string, string>; chunks: Uint8Array[] }[] = [];
  try {
    const parser = new MultipartParser(boundary, limits);
    for (const piece of pieces) {
      for (const event of parser.push(piece)) {
        if (event.kind === 'part') parts.push({ headers: Object.fromEntries(event.headers), chunks: [] });
        if (event.kind === 'data') parts.at(-1)?.chunks.push(Buffer.from(event.bytes));
      }
    }
    parser.end();
  } catch (error) {
    if (error instanceof VesaliusError) return error.code;
    throw error;
  }
  return parts.map(({ headers, chunks }) => ({ headers, body: Buffer.concat(chunks) }));
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

/** Bytes rich in what delimiters are made of. */
const trickyBytes = fc
  .array(
    fc.oneof(fc.constantFrom('\r\n', '\r', '--', '\r\n--', '\r\n--b', '\r\n--b-2', 'x'), fc.string({ maxLength: 5 })),
  )
  .map((texts) => Buffer.from(texts.join(''), 'latin1'))
  .filter((bytes) => !bytes.includes('\r\n--b-1') && !bytes.subarray(0, 5).equals(Buffer.from('--b-1')));

test('any bytes come back from any number of parts, however the body is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(trickyBytes, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      async (bodies, places) => {
        const lines = bodies.map((body) =>
          Buffer.concat([Buffer.from('--b-1\r\nContent-Type: a/b\r\n\r\n'), body, Buffer.from('\r\n')]),
        );
        const whole = Buffer.concat([...lines, Buffer.from('--b-1--\r\n')]);
        const parts = read(cut(whole, places));
        expect(parts).toEqual(bodies.map((body) => ({ headers: { 'content-type': 'a/b' }, body })));
      },
    ),
    { numRuns: 300 },
  );
});

test('damaged bodies give the same parts or the same refusal, however they are cut', () => {
  const pieces = ['--b-1', '\r\n', '\r\n\r\n', '--', 'a: b', 'x', ' ', '--b-1--', ':', '\r', '\n', 'y'.repeat(30)];
  const limits = { headerBytes: 20, parts: 3 };
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...pieces), { maxLength: 14 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      (texts, places) => {
        const whole = Buffer.from(texts.join(''), 'latin1');
        expect(read(cut(whole, places), BOUNDARY, limits)).toEqual(read([whole], BOUNDARY, limits));
      },
    ),
    { numRuns: 1000 },
  );
});

test('reads what the Python client writes, which begins with a line break', () => {
  const body = '\r\n--b-1\r\nContent-Type: application/dicom\r\n\r\nDICM\r\n--b-1--';
  expect(read([Buffer.from(body)])).toEqual([
    { headers: { 'content-type': 'application/dicom' }, body: Buffer.from('DICM') },
  ]);
});

test.each([
  ['no part', '--b-1--', 'FILE_FORMAT'],
  ['no boundary', 'text', 'FILE_FORMAT'],
  ['no closing boundary', '--b-1\r\n\r\nabc', 'FILE_FORMAT'],
  ['a header without a colon', '--b-1\r\nabc\r\n\r\n\r\n--b-1--', 'FILE_FORMAT'],
  ['text behind a boundary', '--b-1x\r\n\r\nabc\r\n--b-1--', 'FILE_FORMAT'],
  ['headers without end', `--b-1\r\nA: ${'x'.repeat(20_000)}`, 'LIMIT_EXCEEDED'],
  ['a long text before the first boundary', 'x'.repeat(20_000), 'LIMIT_EXCEEDED'],
])('refuses %s', (_, body, code) => {
  expect(read([Buffer.from(body)])).toBe(code);
});

test('counts parts', () => {
  const body = '--b-1\r\n\r\na\r\n--b-1\r\n\r\nb\r\n--b-1--';
  expect(read([Buffer.from(body)], BOUNDARY, { ...MULTIPART_LIMITS, parts: 1 })).toBe('LIMIT_EXCEEDED');
});

test.each(['', 'x'.repeat(71), 'ends with a blank ', 'line\r\nbreak'])('refuses the boundary %j', (boundary) => {
  expect(read([Buffer.from('')], boundary)).toBe('FILE_FORMAT');
});

test('passes over the preamble, the epilogue, folded headers and parts without headers or body', () => {
  const body =
    'hello\r\n--b-1 \t\r\nA: one\r\n two\r\n\r\n\r\n--b-1\r\n\r\nx\r\n--b-1\r\nB: c\r\n\r\n--b-1--\r\nbye --b-1';
  expect(read([Buffer.from(body)])).toEqual([
    { headers: { a: 'one two' }, body: Buffer.from('') },
    { headers: {}, body: Buffer.from('x') },
    { headers: { b: 'c' }, body: Buffer.from('') },
  ]);
});

test('reads the source no faster than the parts are read, and passes over what is not', async () => {
  let given = 0;
  async function* source() {
    for (const text of ['--b-1\r\n\r\n', 'a', 'b', 'c', '\r\n--b-1\r\n\r\nlast\r\n--b-1--']) {
      given++;
      yield Buffer.from(text);
    }
  }
  const parts = readParts(source(), BOUNDARY);
  const first = (await parts.next()).value;
  expect(given).toBe(1);
  for await (const chunk of first?.body ?? []) {
    expect(String(chunk)).toBe('a');
    break;
  }
  expect(given).toBe(2);
  const texts: string[] = [];
  for await (const { body } of parts) for await (const chunk of body) texts.push(String(chunk));
  expect(texts).toEqual(['last']);
});

test('what is written is read again, and is as long as it said', async () => {
  const sent = [Buffer.from('one'), Buffer.from(''), Buffer.from('\r\n--')];
  const { contentType, length, stream } = writeParts(
    'a/b',
    sent.map((body) => ({ headers: { 'Content-Type': 'a/b' }, body })),
  );
  const bytes = Buffer.concat(await stream.toArray());
  expect(bytes.length).toBe(length);
  const boundary = /boundary="(.*)"/.exec(contentType)?.[1];
  expect(read([bytes], boundary)).toEqual(sent.map((body) => ({ headers: { 'content-type': 'a/b' }, body })));
});
