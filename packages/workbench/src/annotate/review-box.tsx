import type { AnnotationAnswer } from '@vesalius/api';
import { useCallback, useEffect, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import { AgreementBox } from './agreement-box.tsx';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';
import { HistoryList } from './history-list.tsx';
import { momentOf } from './moment-of.ts';

interface ReviewBoxProps {
  readonly work: AnnotationWork;
  /** Goes on with another of the own label maps. */
  readonly open: (annotation: string) => void;
}

/** All label maps of the series: signs them off or sends them back, and shows how far they agree. */
export function ReviewBox({ work, open }: ReviewBoxProps) {
  const { annotate: t } = useTexts();
  const [all, setAll] = useState<readonly AnnotationAnswer[]>([]);
  const [problem, setProblem] = useState('');
  const series = work.host.series.seriesInstanceUid;
  const { state, revision } = work.draft;
  const reload = useCallback(async () => setAll(await api.call('listAnnotations', { query: { series } })), [series]);
  const act = (step: () => Promise<unknown>) => {
    setProblem('');
    step()
      .then(reload)
      .catch((error: unknown) => setProblem(wordsOf(error)));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state of the own one is in the list too.
  useEffect(() => void reload().catch(() => undefined), [reload, state, revision]);
  const handedIn = all.filter((one) => one.state === 'submitted' || one.state === 'approved');
  return (
    <section className={styles['review']}>
      <Verdict annotation={work.draft} />
      {work.shown && (
        <div className={styles['conflict']}>
          <p>{t.showing(work.shown.annotator.name)}</p>
          <button type="button" onClick={() => act(() => work.lookAt())}>
            {t.backToMine}
          </button>
        </div>
      )}
      <h3>{t.everybody}</h3>
      <ul>
        {all.map((annotation) => (
          <li key={annotation.id}>
            <Entry work={work} annotation={annotation} act={act} open={open} />
          </li>
        ))}
      </ul>
      {handedIn.length > 1 && <AgreementBox work={work} handedIn={handedIn} />}
      {problem !== '' && (
        <p role="alert" className={styles['problem']}>
          {problem}
        </p>
      )}
    </section>
  );
}

/** What the reviewer said of the own one. */
function Verdict({ annotation: { state, review } }: { readonly annotation: AnnotationAnswer }) {
  const { annotate: t } = useTexts();
  if (!review || !(state === 'rejected' || state === 'approved')) return null;
  const words = state === 'rejected' ? t.rejectedBy : t.approvedBy;
  return (
    <div className={state === 'rejected' ? styles['conflict'] : styles['note']}>
      {words(review.by, momentOf(review.at))}
      {review.comment !== undefined && <blockquote>{review.comment}</blockquote>}
    </div>
  );
}

interface EntryProps extends ReviewBoxProps {
  readonly annotation: AnnotationAnswer;
  readonly act: (step: () => Promise<unknown>) => void;
}

function Entry({ work, annotation, act, open }: EntryProps) {
  const { annotate: t, worklist } = useTexts();
  const { can } = useSession();
  const [comment, setComment] = useState('');
  const { id, annotator, number, state, project } = annotation;
  const isOwn = annotator.id === work.draft.annotator.id;
  const review = (verdict: 'approved' | 'rejected') => async () => {
    const words = comment.trim();
    const body = { state: verdict, ...(words !== '' && { comment: words }) };
    const reviewed = await api.call('reviewAnnotation', { params: { annotation: id }, body });
    setComment('');
    if (id === work.draft.id) work.become(reviewed);
  };
  return (
    <>
      {annotator.kind === 'model' && `${t.model} `}
      {annotator.name}
      {number > 1 && ` (${number})`}: {worklist[state]}{' '}
      {isOwn && id !== work.draft.id && (
        <button type="button" onClick={() => open(id)}>
          {t.open}
        </button>
      )}
      {id !== work.draft.id && (
        <button
          type="button"
          aria-pressed={work.shown?.id === id}
          onClick={() => act(() => work.lookAt(work.shown?.id === id ? undefined : annotation))}
        >
          {t.show}
        </button>
      )}
      {state === 'submitted' && can('annotate', project) && (
        <div className={styles['verdict']}>
          <textarea
            aria-label={t.commentOn(annotator.name)}
            placeholder={t.comment}
            rows={2}
            maxLength={2000}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
          <button type="button" onClick={() => act(review('approved'))}>
            {t.approve}
          </button>
          <button type="button" onClick={() => act(review('rejected'))}>
            {t.sendBack}
          </button>
        </div>
      )}
      <HistoryList annotation={annotation} />
    </>
  );
}
