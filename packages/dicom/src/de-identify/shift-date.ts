import { parseDate, showDate } from '../values/dates.ts';

/** A date or date-time some days earlier, its time of day as it was; nothing where it is no whole date. */
export function shiftDate(text: string, days: number): string | undefined {
  const date = parseDate(text.slice(0, text[4] === '.' ? 10 : 8));
  // JavaScript takes years below 100 for those of the last century.
  if (date === undefined || date.year < 100) return undefined;
  const moved = new Date(Date.UTC(date.year, date.month - 1, date.day));
  moved.setUTCDate(moved.getUTCDate() - days);
  const rest = text.slice(text[4] === '.' ? 10 : 8);
  if (!/^[\d.]*([+-]\d{4})?$/.test(rest)) return undefined;
  const [year, month, day] = [moved.getUTCFullYear(), moved.getUTCMonth() + 1, moved.getUTCDate()];
  return year < 100 ? undefined : showDate({ year, month, day }) + rest;
}
