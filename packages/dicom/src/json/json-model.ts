import type { PersonName } from '../values/person-name.ts';

/** A name in JSON: PS3.18 F.2.2. */
export interface JsonName {
  readonly Alphabetic?: string;
  readonly Ideographic?: string;
  readonly Phonetic?: string;
}

export type JsonValue = string | number | null | JsonName | DicomJson;

/** One attribute: at most one of the three members besides `vr`. */
export interface JsonElement {
  readonly vr: string;
  readonly Value?: readonly JsonValue[];
  /** Base64 of little-endian bytes. */
  readonly InlineBinary?: string;
  readonly BulkDataURI?: string;
}

/** A data set in the DICOM JSON model, by tags such as `00100020`: PS3.18 annex F. */
export interface DicomJson {
  readonly [tag: string]: JsonElement;
}

export function jsonName({ alphabetic, ideographic, phonetic }: PersonName): JsonName {
  return {
    ...(alphabetic ? { Alphabetic: alphabetic } : {}),
    ...(ideographic ? { Ideographic: ideographic } : {}),
    ...(phonetic ? { Phonetic: phonetic } : {}),
  };
}

/** A number a JSON number cannot be: PS3.18 F.2.3, table F.2.3-1. */
export function jsonNumber(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
}

const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  Infinity: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** The number behind a JSON number or its text; nothing for anything else. */
export function numberFromJson(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = NOT_FINITE[value] ?? Number(value);
  return Number.isNaN(number) && !/^nan$/i.test(value) ? undefined : number;
}

const CHUNK = 0x6000;

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  // A multiple of three, so that only the last chunk is padded.
  for (let at = 0; at < bytes.length; at += CHUNK) {
    // Spreading a typed array walks its iterator: several times slower.
    text += btoa(Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + CHUNK)));
  }
  return text;
}

/** Nothing for text that is not base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
    return bytes;
  } catch {
    return undefined;
  }
}
