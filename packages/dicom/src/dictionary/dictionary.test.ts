import { expect, test } from 'vitest';
import { privateVrs } from './private-tags.ts';
import { keywordOf, showTag, tagEntry, tagOf } from './tags.ts';
import { uidEntry, uidsOfKind } from './uids.ts';

test('tags have the entries of PS3.6', () => {
  expect(tagEntry(0x00100010)).toEqual({ vrs: ['PN'], vm: '1', keyword: 'PatientName', retired: false });
  expect(tagEntry(0x7fe00010)?.vrs).toEqual(['OB', 'OW']);
  expect(tagEntry(0x00281201)?.keyword).toBe('RedPaletteColorLookupTableData');
  expect(tagEntry(0x00280040)).toMatchObject({ keyword: 'ImageFormat', retired: true });
  expect(tagEntry(0x00090001)).toBeUndefined();
  expect(tagOf('PixelData')).toBe(0x7fe00010);
  expect(showTag(0x00100020)).toBe('(0010,0020)');
  expect(() => tagOf('PatientNane')).toThrow('UNKNOWN_OPTION');
});

test('repeating groups are found in every group', () => {
  expect(keywordOf(0x60023000)).toBe('OverlayData');
  expect(keywordOf(0x60fe3000)).toBe('OverlayData');
  expect(keywordOf(0x60013000)).toBe('');
});

test('makers have VRs of their own', () => {
  expect(privateVrs(0x0019100a, 'SIEMENS MR HEADER')).toBe('US');
  expect(privateVrs(0x0019120a, 'SIEMENS MR HEADER')).toBe('US');
  expect(privateVrs(0x0019100a, 'nobody')).toBeUndefined();
});

test('UIDs are found by number and keyword', () => {
  expect(uidEntry('1.2.840.10008.1.2.4.80')?.name).toBe('JPEG-LS Lossless Image Compression');
  expect(uidEntry('CTImageStorage')?.uid).toBe('1.2.840.10008.5.1.4.1.1.2');
  expect(uidsOfKind('Transfer Syntax').length).toBeGreaterThan(50);
});
