import type { DicomJson } from '@vesalius/dicom';

const listOf = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Of the patient, the study and its patient: PS3.3 C.7.1.1, C.7.2. All instances of a study should say the same. */
const STUDY_TAGS = listOf(`
  00080020 00080030 00080050 00080051 00080090 00080096 0008009C 00081030 00081032 00081048 00081060 00081080
  00100010 00100020 00100021 00100024 00100026 00100030 00100032 00100040 00100101 00101000 00101001 00101002
  00101010 00101020 00101030 00102154 00102160 00102180 001021B0 00102201 00102203 00104000
  00120062 00120063 00120064 0020000D 00200010 00321032 00321060`);

/** Of the series and the machine: PS3.3 C.7.3, C.7.5, C.7.4.1. */
const SERIES_TAGS = listOf(`
  00080021 00080031 00080060 00080064 00080068 00080070 00080080 00080081 00081010 0008103E 0008103F 00081040
  00081050 00081052 00081070 00081072 00081090 00081111 00081250 00180015 00181000 00181020 00181030 00185100
  0020000E 00200011 00200052 00200060 00201040 00400244 00400245 00400250 00400251 00400253 00400254 00400260 00400275`);

/** The part of a data set that belongs to a level. */
export function attributesOf(level: 'STUDY' | 'SERIES', dataSet: DicomJson): DicomJson {
  const tags = level === 'STUDY' ? STUDY_TAGS : SERIES_TAGS;
  return Object.fromEntries(Object.entries(dataSet).filter(([tag]) => tags.has(tag)));
}

/** The first value of an attribute as text; nothing where it is missing or empty. */
export function textOf(dataSet: DicomJson, tag: string): string | undefined {
  const value = dataSet[tag]?.Value?.[0];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The first value as a whole number. */
export function wholeNumberOf(dataSet: DicomJson, tag: string): number | undefined {
  const number = Number(textOf(dataSet, tag) ?? Number.NaN);
  return Number.isInteger(number) && Math.abs(number) < 2 ** 31 ? number : undefined;
}
