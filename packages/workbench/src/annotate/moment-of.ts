import { language } from '../app/texts/use-texts.ts';

/** A time for a person to read; of today without the date. */
export function momentOf(iso: string): string {
  const moment = new Date(iso);
  const isToday = moment.toDateString() === new Date().toDateString();
  return isToday
    ? moment.toLocaleTimeString(language(), { timeStyle: 'short' })
    : moment.toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'short' });
}
