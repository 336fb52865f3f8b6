import type { FileRecord } from '@vesalius/bundle/files';
import { type ErrorCode, type ErrorDetails, VesaliusError } from '@vesalius/errors';
import type { CaseSummary, LabelClass } from '@vesalius/medical';

/** Something that makes training wrong or impossible. */
export interface DataError {
  readonly code: ErrorCode;
  readonly cases: readonly string[];
  readonly details: ErrorDetails;
  /** One line that names what, got, expected and file. */
  readonly text: string;
}

export function dataError(caseId: string, { code, details, message }: VesaliusError): DataError {
  const { cause: _, ...plain } = details;
  return { code, cases: [caseId], details: plain, text: message };
}

export const DATA_WARNINGS = {
  INTENSITY_SCALE: 'Brightness is on another scale than in most scans.',
  INTENSITY_SPIKES: 'Single voxels are far brighter than the rest.',
  CONSTANT_IMAGE: 'The image has one value only.',
  EMPTY_LABEL: 'The label has no voxel of any class.',
  NO_LABEL: 'There is no label.',
  CLASS_MISSING: 'A declared class occurs in no label.',
  DUPLICATE_IMAGE: 'Images are the same file, byte for byte.',
  MIXED_ORIENTATION: 'Scans are stored along other axes than most.',
  MIXED_SPACING: 'Voxel spacing is far from the median.',
} as const;

/** Something a person should know before trusting a result. */
export interface DataWarning {
  readonly code: keyof typeof DATA_WARNINGS;
  readonly cases: readonly string[];
  /** The figures behind it. */
  readonly text: string;
}

export interface CheckedCase {
  readonly id: string;
  readonly summary: CaseSummary;
  readonly files: readonly FileRecord[];
}

export interface DataReport {
  /** Those that could be read. */
  readonly cases: readonly CheckedCase[];
  /** As declared, or as found in the label files. */
  readonly labels: readonly LabelClass[];
  readonly errors: readonly DataError[];
  readonly warnings: readonly DataWarning[];
}

/**
 * @throws the first error, saying how many there are
 */
export function assertSoundData({ errors }: DataReport): void {
  const [first] = errors;
  if (!first) return;
  const { what, ...details } = first.details;
  const more = errors.length > 1 ? ` (the first of ${errors.length} errors in the data)` : '';
  throw new VesaliusError(first.code, { what: `${what}${more}`, ...details });
}
