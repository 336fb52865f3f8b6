import { expect, test } from 'vitest';
import { codeEntry, codeNamed, codesOfGroup, contextGroups, sameCode } from './codes.ts';

test('a keyword of a scheme names its code', () => {
  expect(codeNamed('SCT', 'Liver')).toEqual({ value: '10200004', scheme: 'SCT', meaning: 'Liver' });
  expect(codeNamed('UCUM', 'Millimeter')).toEqual({ value: 'mm', scheme: 'UCUM', meaning: 'mm' });
  expect(codeNamed('DCM', 'TrackingUniqueIdentifier').value).toBe('112040');
  expect(() => codeNamed('SCT', 'Livre')).toThrow('UNKNOWN_OPTION');
});

test('a context group lists its codes, and each code its groups', () => {
  const categories = codesOfGroup(7150).map((code) => code.keyword);
  expect(categories).toContain('AnatomicalStructure');
  expect(codeEntry('SCT', '10200004')?.groups).toContain(7154);
  for (const group of contextGroups().keys()) expect(codesOfGroup(group).length, String(group)).toBeGreaterThan(0);
});

test('two spellings of a meaning are one concept', () => {
  expect(sameCode({ ...codeNamed('SCT', 'Liver'), meaning: 'Leber' }, codeNamed('SCT', 'Liver'))).toBe(true);
  expect(sameCode(undefined, codeNamed('SCT', 'Liver'))).toBe(false);
});
