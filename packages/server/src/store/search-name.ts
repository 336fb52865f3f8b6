/** A name as it is searched for: small letters, no accents, no empty components at its end. */
export function searchName(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/ *\^ */g, '^')
    .replace(/[\^ ]+$/, '')
    .trim();
}

/** The words of a name. */
export function nameWords(name: string): string[] {
  return [
    ...new Set(
      searchName(name)
        .split(/[\s^=,.'-]+/)
        .filter((word) => word !== ''),
    ),
  ];
}
