const MOST_CHARACTERS = 16;

/** A number as DS, in at most 16 characters and with every digit that fits: PS3.5 6.2. */
export function showDecimal(value: number): string {
  const shortest = String(value);
  if (shortest.length <= MOST_CHARACTERS) return shortest;
  for (let digits = 16; digits > 0; digits--) {
    const text = shorter(value, digits);
    if (text.length <= MOST_CHARACTERS) return text;
  }
  return '0';
}

/** The shorter of the plain and the exponential form. */
function shorter(value: number, digits: number): string {
  const exponential = value.toExponential(digits - 1).replace(/\.?0+e/, 'e');
  const plain = String(Number(exponential));
  return plain.length < exponential.length ? plain : exponential;
}
