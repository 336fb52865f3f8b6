import type { Principal } from '../http/principal.ts';
import { Refusal } from '../http/refusal.ts';
import type { Archive } from '../store/archive.ts';
import { type AnnotationRows, annotationOf } from './annotation-rows.ts';
import type { Annotation, Verdict } from './annotations.ts';
import { manages, personOf } from './annotator-of.ts';
import { storeReport } from './store-report.ts';
import type { AnnotationRow } from './tables.ts';

interface ReviewParts {
  readonly rows: AnnotationRows;
  readonly archive: Archive;
}

interface Review {
  readonly verdict: Verdict;
  readonly by: Principal;
}

/** Nobody signs off his own work, but for who manages the project: a small team has no other. What is signed off is reported. */
export async function reviewRow(
  { rows, archive }: ReviewParts,
  row: AnnotationRow,
  { verdict, by }: Review,
): Promise<Annotation> {
  const person = personOf(by);
  if (row.state === 'draft')
    throw new Refusal('CONFLICT', { what: 'label map', got: 'a draft', expected: 'one that was handed in' });
  if (row.annotator_id === person.id && !manages(row, by))
    throw new Refusal('NOT_ALLOWED', { what: 'review of the own work', expected: 'another reviewer' });
  const review = {
    review_by: person.name,
    review_at: new Date().toISOString(),
    review_comment: verdict.comment ?? null,
  };
  const reviewed = { ...row, ...review, state: verdict.state };
  const report =
    verdict.state === 'approved'
      ? await storeReport(archive, { annotation: annotationOf(row), verifier: person.name, organization: row.project })
      : undefined;
  if (await rows.change(row, reviewed, person.name)) return annotationOf(reviewed);
  if (report) await archive.remove({ study: row.study, series: report.seriesInstanceUid }, { projects: [row.project] });
  throw new Refusal('CONFLICT', { what: 'label map', got: 'one that has changed since', expected: 'the newest' });
}
