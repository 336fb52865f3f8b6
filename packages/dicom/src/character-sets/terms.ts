/** The sets that hold everything and know no code extension: PS3.3 C.12.1.1.2, table C.12-5. */
const WHOLE: Readonly<Record<string, string>> = { 'ISO_IR 192': 'utf-8', GB18030: 'gb18030', GBK: 'gbk' };

/** The platform's label of a multi-byte set without code extension, if the term is one. */
export function wholeLabel(term: string): string | undefined {
  return WHOLE[normalTerm(term)];
}

/** The ISO-IR number of a term (`ISO_IR 100`, `ISO 2022 IR 100`); empty for the default repertoire. */
export function registrationOf(term: string): string {
  return /^ISO(?: 2022)?[ _-]?IR (\d+)$/.exec(normalTerm(term))?.[1] ?? '';
}

/** Writers spell terms with other spaces, dashes and cases. */
function normalTerm(term: string): string {
  return term
    .trim()
    .toUpperCase()
    .replaceAll(/[_ -]+/g, ' ')
    .replace(/^ISO IR/, 'ISO_IR')
    .replace(/^ISO(\d)/, 'ISO $1');
}
