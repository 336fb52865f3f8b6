import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { demandFile, parseObject, readForm } from './read-form.ts';

/** A body in pieces, under whatever Content-Type: the form is read from the body alone. */
const requestOf = (...pieces: (string | Uint8Array)[]) =>
  ({ body: Readable.from(pieces.map((piece) => Buffer.from(piece))) }) as unknown as FastifyRequest;

const LIMIT = 1 << 20;
// As PyPI's client writes it.
const EDGE = '----------lImIt_of_THE_fIle_eW_$';
const FILE = Uint8Array.of(0, 13, 10, 45, 45, 255);
const BODY = [
  `--${EDGE}\r\nContent-Disposition: form-data; name="params"\r\n\r\n{"a": 1}\r\n`,
  `--${EDGE}\r\nContent-Disposition: form-data; name="label"; filename="/home/someone/../d\u00e4ta/label one.nii.gz"\r\n`,
  'Content-Type: application/octet-stream\r\n\r\n',
  FILE,
  `\r\n--${EDGE}--\r\n\r\n`,
];

test('a form is read without its Content-Type, however it is cut', async () => {
  const whole = Buffer.concat(BODY.map((piece) => Buffer.from(piece)));
  for (const at of [0, 1, 20, 33, 36, 90, whole.length - 5]) {
    const { fields, files } = await readForm(requestOf(whole.subarray(0, at), whole.subarray(at)), LIMIT);
    expect(Object.fromEntries(fields)).toEqual({ params: '{"a": 1}' });
    expect(files.map(({ field, name }) => [field, name])).toEqual([['label', 'label_one.nii.gz']]);
    expect(new Uint8Array(files[0]?.bytes ?? [])).toEqual(FILE);
  }
});

test('names lead nowhere: of a path the last part stays, of that plain letters', async () => {
  const nameOf = async (filename: string) => {
    const head = `--e\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\n`;
    return (await readForm(requestOf(head, 'x', '\r\n--e--\r\n'), LIMIT)).files[0]?.name;
  };
  expect(await nameOf('C:\\scans\\a.nii')).toBe('a.nii');
  expect(await nameOf('../../etc/passwd')).toBe('passwd');
  expect(await nameOf('...')).toBe('file');
  expect(await nameOf('a;b<c>.nrrd')).toBe('a_b_c_.nrrd');
});

test('an urlencoded form has fields', async () => {
  const { fields } = await readForm(requestOf('username=a%40b&password=p+q'), LIMIT);
  expect(Object.fromEntries(fields)).toEqual({ username: 'a@b', password: 'p q' });
});

test('refuses a form that is too large, broken or lacks its file', async () => {
  await expect(readForm(requestOf(...BODY), 5)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  await expect(readForm(requestOf(...BODY.slice(0, 3)), LIMIT)).rejects.toMatchObject({ code: 'FILE_FORMAT' });
  const form = await readForm(requestOf(...BODY), LIMIT);
  expect(() => demandFile(form, 'image')).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});

test('fields of JSON are objects, and empty where nothing was sent', () => {
  expect(parseObject(undefined, 'params')).toEqual({});
  expect(parseObject('null', 'params')).toEqual({});
  for (const text of ['[1]', '3', '{"a"'])
    expect(() => parseObject(text, 'params')).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});
