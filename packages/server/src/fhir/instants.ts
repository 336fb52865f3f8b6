export interface Instants {
  readonly low: string;
  readonly high: string;
}

const FORM = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** The first and last instant of a FHIR date or time, in UTC: FHIR R4 3.1.1.4.7. Nothing for text that is none. */
export function instantsOf(text: string): Instants | undefined {
  const [, year, month, day, hour, minute, second, fraction, zone = 'Z'] = FORM.exec(text) ?? [];
  if (year === undefined) return undefined;
  const start = `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}${fraction?.slice(0, 4) ?? ''}${zone}`;
  const low = new Date(start);
  if (Number.isNaN(low.getTime())) return undefined;
  const high = new Date(low);
  if (month === undefined) high.setUTCFullYear(high.getUTCFullYear() + 1);
  else if (day === undefined) high.setUTCMonth(high.getUTCMonth() + 1);
  else if (hour === undefined) high.setUTCDate(high.getUTCDate() + 1);
  else if (second === undefined) high.setUTCMinutes(high.getUTCMinutes() + 1);
  else if (fraction === undefined) high.setUTCSeconds(high.getUTCSeconds() + 1);
  else high.setUTCMilliseconds(high.getUTCMilliseconds() + 1);
  return { low: low.toISOString(), high: new Date(high.getTime() - 1).toISOString() };
}
