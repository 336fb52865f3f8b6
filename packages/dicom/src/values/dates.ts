/** A day of the Gregorian calendar, as DA has it. */
export interface DicomDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** A time of day; parts that the value leaves out are missing. */
export interface DicomTime {
  readonly hours: number;
  readonly minutes?: number;
  /** 60 in a leap second. */
  readonly seconds?: number;
  readonly microseconds?: number;
}

/** A moment, as exact as the value states it. */
export interface DicomDateTime {
  readonly year: number;
  readonly month?: number;
  readonly day?: number;
  readonly time?: DicomTime;
  /** Minutes east of UTC; missing where (0008,0201) or the place of the scanner decides. */
  readonly offsetMinutes?: number;
}

/** `YYYYMMDD`, or `YYYY.MM.DD` of before 1993: PS3.5 6.2. Nothing for anything else. */
export function parseDate(text: string): DicomDate | undefined {
  const [, year, month, day] = /^(\d{4})\.?(\d\d)\.?(\d\d)$/.exec(text.trim()) ?? [];
  if (year === undefined || !isDay(Number(year), Number(month), Number(day))) return undefined;
  return { year: Number(year), month: Number(month), day: Number(day) };
}

function isDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** `HHMMSS.FFFFFF`, cut anywhere between its parts, or with colons as before 1993. Nothing for anything else. */
export function parseTime(text: string): DicomTime | undefined {
  const match = /^(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d{1,6}))?)?)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [hours = 0, minutes, seconds] = match
    .slice(1, 4)
    .map((part) => (part === undefined ? undefined : Number(part)));
  if (hours > 23 || (minutes ?? 0) > 59 || (seconds ?? 0) > 60) return undefined;
  const microseconds = match[4] === undefined ? undefined : Number(match[4].padEnd(6, '0'));
  return {
    hours,
    ...(minutes === undefined ? {} : { minutes }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(microseconds === undefined ? {} : { microseconds }),
  };
}

/** `YYYYMMDDHHMMSS.FFFFFF&ZZXX`, cut anywhere between its parts. Nothing for anything else. */
export function parseDateTime(text: string): DicomDateTime | undefined {
  const match = /^(\d{4})(?:(\d\d)(?:(\d\d)(\d[\d.]*)?)?)?([+-]\d{4})?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, clock, zone] = match;
  const time = clock === undefined ? undefined : parseTime(clock);
  if ((clock !== undefined && time === undefined) || !isDay(Number(year), Number(month ?? 1), Number(day ?? 1)))
    return undefined;
  return {
    year: Number(year),
    ...(month === undefined ? {} : { month: Number(month) }),
    ...(day === undefined ? {} : { day: Number(day) }),
    ...(time === undefined ? {} : { time }),
    ...(zone === undefined ? {} : { offsetMinutes: offsetOf(zone) }),
  };
}

function offsetOf(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return zone.startsWith('-') ? -minutes : minutes;
}

const digits = (value: number, count = 2): string => String(value).padStart(count, '0');

export function showDate({ year, month, day }: DicomDate): string {
  return digits(year, 4) + digits(month) + digits(day);
}

export function showTime({ hours, minutes, seconds, microseconds }: DicomTime): string {
  if (minutes === undefined) return digits(hours);
  if (seconds === undefined) return digits(hours) + digits(minutes);
  const whole = digits(hours) + digits(minutes) + digits(seconds);
  return microseconds === undefined ? whole : `${whole}.${digits(microseconds, 6)}`;
}

export function showDateTime({ year, month, day, time, offsetMinutes }: DicomDateTime): string {
  const date = digits(year, 4) + (month === undefined ? '' : digits(month)) + (day === undefined ? '' : digits(day));
  const clock = time === undefined ? '' : showTime(time);
  if (offsetMinutes === undefined) return date + clock;
  const minutes = Math.abs(offsetMinutes);
  return `${date}${clock}${offsetMinutes < 0 ? '-' : '+'}${digits(Math.floor(minutes / 60))}${digits(minutes % 60)}`;
}
