import type { SegmentLabel } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import { Refusal } from '../http/refusal.ts';
import { type AnnotationRows, annotationOf } from './annotation-rows.ts';
import type { Annotation, AnnotationContent } from './annotations.ts';
import type { MaskStore } from './mask-store.ts';
import type { AnnotationRow } from './tables.ts';

interface SaveParts {
  readonly rows: AnnotationRows;
  readonly masks: MaskStore;
}

interface SaveRequest {
  readonly ifRevision: number;
  readonly by: string | undefined;
  /** The row as it is now. */
  read(): Promise<AnnotationRow>;
}

/** The mask becomes durable, then the row names it: whatever comes between, one whole save is there. */
export async function saveMask(
  { rows, masks }: SaveParts,
  content: AnnotationContent,
  request: SaveRequest,
): Promise<Annotation> {
  const { ifRevision, by } = request;
  const before = await request.read();
  demandSavable(before, ifRevision);
  const voxels = countVoxels(content, annotationOf(before).size);
  const key = await masks.write(before.id, content.gzip ?? (await masks.pack(content.mask)));
  try {
    for (;;) {
      const row = await request.read();
      demandSavable(row, ifRevision);
      const saved_by = by ?? row.annotator_name;
      const saved = { ...row, ...changeOf(row, content), saved_by, voxels, mask_key: key };
      // Only its state can have changed else: a submission or a review, and the save comes after that.
      if (!(await rows.change(row, saved, saved_by))) continue;
      if (row.mask_key !== null) await masks.remove(row.mask_key).catch(() => undefined);
      return annotationOf(saved);
    }
  } catch (error) {
    await masks.remove(key);
    throw error;
  }
}

function changeOf(row: AnnotationRow, { segments, secondsSpent = 0, model }: AnnotationContent) {
  const now = new Date().toISOString();
  return {
    state: 'draft',
    revision: row.revision + 1,
    segments: JSON.stringify(segments),
    seconds_spent: Number(row.seconds_spent) + secondsSpent,
    model: model ?? row.model,
    updated_at: now,
    opened_at: now,
  } as const;
}

function demandSavable({ state, revision, saved_by, updated_at }: AnnotationRow, ifRevision: number): void {
  if (revision !== ifRevision)
    throw new Refusal('REVISION_CONFLICT', {
      what: 'revision',
      got: `${ifRevision}; ${revision} was saved at ${updated_at}${saved_by === null ? '' : ` by ${saved_by}`}`,
      expected: String(revision),
      headers: { etag: `"${revision}"` },
    });
  if (state === 'approved')
    throw new Refusal('CONFLICT', { what: 'label map', got: 'signed off', expected: 'one that a reviewer sent back' });
}

/** JSON: voxels of each value that is there. */
function countVoxels({ mask, segments }: AnnotationContent, size: Annotation['size']): string {
  const expected = size[0] * size[1] * size[2];
  if (mask.length !== expected)
    throw new VesaliusError('GEOMETRY_MISMATCH', { what: 'voxels of the label map', got: mask.length, expected });
  const known = valuesOf(segments);
  const present = [...countValues(mask).entries()].filter(([, count]) => count > 0);
  const foreign = present.find(([value]) => !known.has(value));
  if (foreign !== undefined)
    throw new VesaliusError('LABEL_OUT_OF_RANGE', { what: 'voxel', got: foreign[0], expected: [...known].join(', ') });
  return JSON.stringify(Object.fromEntries(present));
}

/** Of background none: nearly all of a label map is that. */
function countValues(mask: Uint8Array): Float64Array {
  const counts = new Float64Array(256);
  for (let i = 0; i < mask.length; i++) {
    const value = mask[i] as number;
    if (value !== 0) counts[value] = (counts[value] as number) + 1;
  }
  return counts;
}

function valuesOf(segments: readonly SegmentLabel[]): ReadonlySet<number> {
  const values = new Set(segments.map(({ value }) => value));
  if (values.size === segments.length) return values;
  throw new VesaliusError('VALUE_INVALID', { what: 'values of segments', expected: 'each once' });
}
