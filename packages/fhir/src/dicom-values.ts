import type { DicomJson, JsonName } from '@vesalius/dicom';

/** The first value of an attribute as text; nothing where it is missing or empty. */
export function textOf(attributes: DicomJson, tag: string): string | undefined {
  const value = attributes[tag]?.Value?.[0];
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  const text = String(value).trim();
  return text === '' ? undefined : text;
}

export function nameOf(attributes: DicomJson, tag: string): JsonName {
  const value = attributes[tag]?.Value?.[0];
  return typeof value === 'object' && value !== null ? (value as JsonName) : {};
}

/** A date of DICOM as FHIR writes it; nothing where it is none. */
export function fhirDate(date: string | undefined): string | undefined {
  const [, year, month, day] = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(date ?? '') ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const shown = `${year}-${month}-${day}`;
  const parsed = new Date(`${shown}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(shown) ? shown : undefined;
}

/**
 * Date and time of DICOM as FHIR writes them. A time without its offset from UTC (HHMM with a sign) cannot be written in FHIR: the date
 * stands alone then.
 */
export function fhirDateTime(date?: string, time?: string, offset?: string): string | undefined {
  const day = fhirDate(date);
  const [, hour, minute, second = '00'] = /^(\d{2}):?(\d{2}):?(\d{2})?/.exec(time ?? '') ?? [];
  const [, zone, zoneMinute] = /^([+-]\d{2})(\d{2})$/.exec(offset ?? '') ?? [];
  if (day === undefined || hour === undefined || zone === undefined) return day;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return day;
  return `${day}T${hour}:${minute}:${second}${zone}:${zoneMinute}`;
}
