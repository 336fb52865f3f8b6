import { VesaliusError } from '@vesalius/errors';
import type { CleanedFile } from '../de-identify/deidentifier.ts';
import type { Archive, Source, StoreOutcome } from '../store/archive.ts';

/** Something that may be an instance. */
export interface Candidate {
  /** For the report: its path in the folder or archive that is imported. */
  readonly name: string;
  open(): Promise<Uint8Array | AsyncIterable<Uint8Array>>;
}

/** What an import came to. */
export interface ImportReport {
  found: number;
  stored: number;
  /** The same bytes were there before. */
  present: number;
  /** Passed over: no DICOM. */
  notDicom: number;
  refused: number;
  /** De-identified files in which something may be left that a person should see. */
  toBeLookedAt?: number;
  /** The first thousand, each with its reason. */
  readonly refusals: { readonly name: string; readonly reason: string; readonly what: string }[];
}

export interface ImportTarget {
  readonly archive: Archive;
  readonly project: string;
  readonly source: Source;
  readonly signal: AbortSignal;
  /** What is stored instead of what comes in. */
  readonly clean?: (file: Uint8Array) => Promise<CleanedFile>;
  /** Called after each candidate. */
  readonly onProgress: (report: ImportReport) => void;
  /** Stored at a time; one where the candidates can only be read in their order. */
  readonly atATime?: number;
}

const AT_A_TIME = 8;
const REFUSALS_KEPT = 1000;

/**
 * Stores every candidate that is an instance; one that is refused does not hold up the others.
 *
 * @throws INTERRUPTED, DISK_FULL, WRITE_FAILED
 */
export async function importCandidates(
  candidates: AsyncIterable<Candidate>,
  target: ImportTarget,
): Promise<ImportReport> {
  const report = emptyReport();
  const queue = candidates[Symbol.asyncIterator]();
  const work = async () => {
    for (let next = await queue.next(); !next.done; next = await queue.next()) {
      target.signal.throwIfAborted();
      await importCandidate(next.value, target, report);
    }
  };
  try {
    await Promise.all(Array.from({ length: target.atATime ?? AT_A_TIME }, work));
  } finally {
    await queue.return?.();
  }
  return report;
}

export function emptyReport(): ImportReport {
  return { found: 0, stored: 0, present: 0, notDicom: 0, refused: 0, refusals: [] };
}

/** Stores one candidate and adds to the report what became of it. @throws as `importCandidates` */
export async function importCandidate(
  candidate: Candidate,
  target: ImportTarget,
  report: ImportReport,
): Promise<StoreOutcome> {
  const seen = { dicom: false };
  const { archive, project, source, signal, clean } = target;
  let outcome: StoreOutcome;
  try {
    const file = await candidate.open();
    const watched = file instanceof Uint8Array ? noted(file, seen) : notedStream(file, seen);
    const kept = clean === undefined ? watched : await cleaned(watched, clean, report);
    outcome = await archive.store(kept, { project, source, signal, access: { projects: [project] } });
  } catch (error) {
    if (signal.aborted || isOwnFailure(error)) throw error;
    outcome = { status: 'refused', reason: 'processing failure', what: `cannot be read: ${codeOf(error)}` };
  }
  report.found++;
  if (outcome.status !== 'refused') report[outcome.status]++;
  else if (outcome.reason === 'cannot understand' && !seen.dicom) report.notDicom++;
  else {
    report.refused++;
    const { reason, what } = outcome;
    if (report.refusals.length < REFUSALS_KEPT)
      report.refusals.push({ name: clean === undefined ? candidate.name : `file ${report.found}`, reason, what });
  }
  target.onProgress(report);
  return outcome;
}

/** Read whole: what identifies stands anywhere. The report names no file then, whose name may tell who the patient is. */
async function cleaned(
  file: Uint8Array | AsyncIterable<Uint8Array>,
  clean: NonNullable<ImportTarget['clean']>,
  report: ImportReport,
): Promise<Uint8Array> {
  const { bytes, warnings } = await clean(file instanceof Uint8Array ? file : await whole(file));
  if (warnings.length > 0) report.toBeLookedAt = (report.toBeLookedAt ?? 0) + 1;
  return bytes;
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(part);
  return Buffer.concat(parts);
}

/** Of the archive rather than of the file: the next candidate would fail too. */
function isOwnFailure(error: unknown): boolean {
  return error instanceof VesaliusError && ['DISK_FULL', 'WRITE_FAILED', 'OUT_OF_MEMORY'].includes(error.code);
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'not what it claims to be';
}

const MARK = 'DICM';
const MARK_AT = 128;

/** PS3.10 7.1: what has the mark behind its preamble says that it is DICOM. */
function noted(head: Uint8Array, seen: { dicom: boolean }): Uint8Array {
  seen.dicom ||= Buffer.from(head.subarray(MARK_AT, MARK_AT + MARK.length)).toString('latin1') === MARK;
  return head;
}

async function* notedStream(
  source: AsyncIterable<Uint8Array>,
  seen: { dicom: boolean },
): AsyncGenerator<Uint8Array, void> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of source) {
    if (head) {
      head = Buffer.concat([head, chunk.subarray(0, MARK_AT + MARK.length - head.length)]);
      if (head.length === MARK_AT + MARK.length) {
        noted(head, seen);
        head = undefined;
      }
    }
    yield chunk;
  }
}
