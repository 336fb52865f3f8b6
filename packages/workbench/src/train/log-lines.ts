/** A line of a training's log, ready to be read. */
export interface LogLine {
  readonly at: string;
  readonly event: string;
  readonly text: string;
}

/** The last lines of a log of JSON lines; a line that is cut or no JSON stands as it is. */
export function lastLines(log: string, most: number): LogLine[] {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-most).map(lineOf);
}

function lineOf(line: string): LogLine {
  try {
    const { time, event, scalars, ...rest } = JSON.parse(line) as Record<string, unknown>;
    const words = Object.entries({ ...rest, ...Object(scalars) }).map(([name, value]) => `${name} ${wordOf(value)}`);
    return { at: String(time ?? '').slice(11, 19), event: String(event ?? ''), text: words.join('  ') };
  } catch {
    return { at: '', event: '', text: line };
  }
}

function wordOf(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(4)));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
