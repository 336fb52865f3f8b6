const LEAST = '000000';
const MOST = '235959';

/** A time as the index keeps it, `HHMMSS.ffffff`: filled up to its first or last instant. Colons of ACR-NEMA are dropped. */
export function searchTime(time: string, fill: 'least' | 'most' = 'least'): string {
  const [whole = '', fraction = ''] = time.replaceAll(':', '').split('.');
  const rest = (fill === 'least' ? LEAST : MOST).slice(Math.min(6, whole.length));
  return `${whole.slice(0, 6)}${rest}.${fraction.slice(0, 6).padEnd(6, fill === 'least' ? '0' : '9')}`;
}

/** A date as `YYYYMMDD`; periods of ACR-NEMA are dropped. */
export function searchDate(date: string): string {
  return date.replaceAll('.', '');
}
