import { expect, test } from 'vitest';
import { Refusal } from '../../http/refusal.ts';
import { chooseOffer } from './accept.ts';
import { parseMediaType } from './media-type.ts';

const OFFERS = [
  { type: 'application/octet-stream', multipart: true, transferSyntax: '1.2.840.10008.1.2.1' },
  { type: 'image/jls', multipart: true, transferSyntax: '1.2.840.10008.1.2.4.80', stored: true },
  {
    type: 'application/octet-stream',
    multipart: true,
    transferSyntax: '1.2.840.10008.1.2.4.80',
    stored: true,
    onlyNamed: true,
  },
  { type: 'image/jp2', multipart: true, transferSyntax: '1.2.840.10008.1.2.4.90' },
  { type: 'image/jls', multipart: false, transferSyntax: '1.2.840.10008.1.2.4.80', stored: true },
];

/** The place of the offer that is chosen, or the code of the refusal. */
function chosen(accept: string | undefined): number | string {
  try {
    return OFFERS.indexOf(chooseOffer(accept, OFFERS));
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

test.each([
  [undefined, 0],
  ['', 0],
  ['*/*', 0],
  ['multipart/related', 0],
  ['multipart/related; type="*/*"', 0],
  ['multipart/related; type=application/octet-stream', 0],
  ['multipart/related; type=application/octet-stream; transfer-syntax=*', 2],
  ['*/*; transfer-syntax=*', 1],
  ['multipart/related; type="image/*"', 1],
  ['multipart/related; type="image/x-jls"', 1],
  ['image/jls', 4],
  ['IMAGE/JLS', 4],
  ['multipart/related; type="image/jp2"; transfer-syntax=1.2.840.10008.1.2.4.90', 3],
  ['multipart/related; type="image/jp2", multipart/related; type="image/jls"', 3],
  ['multipart/related; type="image/jp2"; q=0.1, multipart/related; type="image/jls"; q=0.9', 1],
  ['multipart/related; type="application/octet-stream"; q=0, */*', 1],
  ['text/html, */*; q=0.1', 0],
  ['multipart/related; type="image/jp2"; transfer-syntax=1.2.3', 'NOT_ACCEPTABLE'],
  ['text/html', 'NOT_ACCEPTABLE'],
  ['image/jp2', 'NOT_ACCEPTABLE'],
  ['nonsense', 'BAD_REQUEST'],
  ['image/jp2; q=2', 'BAD_REQUEST'],
])('Accept %s chooses %s', (accept, expected) => {
  expect(chosen(accept)).toBe(expected);
});

test('a quoted parameter may hold separators and escapes', () => {
  const media = parseMediaType('Multipart/Related; boundary="a;b,\\"c"; Type=application/dicom');
  expect(media?.type).toBe('multipart/related');
  expect(media?.parameters.get('boundary')).toBe('a;b,"c');
  expect(media?.parameters.get('type')).toBe('application/dicom');
});
