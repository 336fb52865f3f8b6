import type { ErrorCode } from './error-codes.ts';

export interface ErrorDetails {
  /** What is wrong, in words that name the thing: `voxel size of the label`. Never patient data. */
  readonly what: string;
  readonly got?: unknown;
  readonly expected?: unknown;
  /** The file concerned, as the user named it. */
  readonly file?: string;
  readonly cause?: unknown;
}

/** The one error type of this project: a code, what, got, expected and the file, in one line. */
export class VesaliusError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(line(code, details), details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'VesaliusError';
    this.code = code;
    this.details = details;
  }
}

function line(code: ErrorCode, { what, got, expected, file }: ErrorDetails): string {
  const parts = [`${code}: ${what}`];
  if (got !== undefined) parts.push(`got ${show(got)}`);
  if (expected !== undefined) parts.push(`expected ${show(expected)}`);
  return parts.join(', ').replaceAll(/\s*\n\s*/g, ' ') + (file === undefined ? '' : ` (${file})`);
}

function show(value: unknown): string {
  if (typeof value === 'string') return value;
  if (ArrayBuffer.isView(value) || Array.isArray(value))
    return `[${Array.from(value as ArrayLike<unknown>).join(', ')}]`;
  return String(value);
}
