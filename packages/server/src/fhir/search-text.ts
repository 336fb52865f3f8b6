/** A value that a resource is found by: a row of `fhir_value` without its key. */
export interface SearchValue {
  readonly code: string;
  readonly value: string;
  readonly system: string;
  readonly low: string | null;
  readonly high: string | null;
}

/** Text as it is searched for: small letters, no accents. */
export function searchText(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
