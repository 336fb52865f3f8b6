import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { fileErrorOf } from '@vesalius/bundle/files';

/** One line of `log.jsonl`. */
interface LogRecord {
  /** What happened: `step`, `validation`, `checkpoint`, `end`. */
  readonly event: string;
  readonly step: number;
  readonly [field: string]: unknown;
}

export interface RunLog {
  /** The records that stood in the file when it was opened. */
  readonly earlier: readonly LogRecord[];
  /** On the disk's way when it returns, so that a kill cuts no more than this line. */
  write(record: LogRecord): void;
  close(): void;
}

/**
 * Opens the log of a run, one JSON record a line, each with the time it was written.
 *
 * @param resumeStep - a run that goes on from here loses what was logged after it, and a last line that a kill cut; 0 starts anew
 * @throws DISK_FULL, WRITE_FAILED
 */
export function openRunLog(file: string, resumeStep = 0): RunLog {
  return guarded(file, () => {
    const descriptor = openSync(file, 'a+');
    const text = readFileSync(file, 'utf8');
    const { earlier, length } = usablePart(text, resumeStep);
    ftruncateSync(descriptor, length);
    return {
      earlier,
      write: (record) => {
        guarded(file, () =>
          writeSync(descriptor, `${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`),
        );
      },
      close: () => closeSync(descriptor),
    };
  });
}

/** Records up to the step, and how many bytes they take. */
function usablePart(text: string, resumeStep: number): { earlier: LogRecord[]; length: number } {
  const earlier: LogRecord[] = [];
  let length = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const record = line.endsWith('\n') ? parseRecord(line) : undefined;
    if (!record || record.step > resumeStep || resumeStep === 0) break;
    earlier.push(record);
    length += Buffer.byteLength(line);
  }
  return { earlier, length };
}

function parseRecord(line: string): LogRecord | undefined {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return undefined;
  }
}

function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileErrorOf(error, file, true);
  }
}
