import type { AgreementAnswer, AnnotationAnswer } from '@vesalius/api';
import { useCallback, useEffect, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';

/** Hands the own label map in, signs those of others off or sends them back, and shows how far they agree. */
export function ReviewBox({ work }: { readonly work: AnnotationWork }) {
  const { annotate: t, worklist } = useTexts();
  const { can } = useSession();
  const [all, setAll] = useState<readonly AnnotationAnswer[]>([]);
  const [agreement, setAgreement] = useState<AgreementAnswer>();
  const [problem, setProblem] = useState('');
  const series = work.host.series.seriesInstanceUid;
  const reload = useCallback(async () => {
    setAll(await api.call('listAnnotations', { query: { series } }));
    setAgreement(await api.call('getAgreement', { params: { series } }));
  }, [series]);
  const act = (step: () => Promise<unknown>) => {
    setProblem('');
    step()
      .then(reload)
      .catch((error: unknown) => setProblem(wordsOf(error)));
  };
  useEffect(() => void reload().catch(() => undefined), [reload]);
  const submit = async () => {
    if (work.saveState !== 'saved' || work.draft.revision === 0) await work.save();
    // What is handed in is what stands at the server: the line of the draft says why it is not this one.
    if (work.saveState !== 'saved') return;
    work.become(await api.call('submitAnnotation', { params: { annotation: work.draft.id } }));
  };
  const review = (annotation: AnnotationAnswer, state: 'approved' | 'rejected') => async () => {
    const reviewed = await api.call('reviewAnnotation', { params: { annotation: annotation.id }, body: { state } });
    if (annotation.id === work.draft.id) work.become(reviewed);
  };
  return (
    <section className={styles['review']}>
      {work.isOpen && (
        <button type="button" className={styles['submit']} onClick={() => act(submit)}>
          {t.submit}
        </button>
      )}
      <h3>{t.everybody}</h3>
      <ul>
        {all.map((annotation) => (
          <li key={annotation.id}>
            {annotation.annotator.name}: {worklist[annotation.state]}
            {annotation.state === 'submitted' && can('annotate', annotation.project) && (
              <>
                <button type="button" onClick={() => act(review(annotation, 'approved'))}>
                  {t.approve}
                </button>
                <button type="button" onClick={() => act(review(annotation, 'rejected'))}>
                  {t.sendBack}
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
      {agreement && agreement.pairs.length > 0 && (
        <table>
          <caption>{t.agreement}</caption>
          <tbody>
            {agreement.pairs.map(({ a, b, value, dice }) => (
              <tr key={`${a} ${b} ${value}`}>
                <td>{work.labels.find((label) => label.value === value)?.name ?? value}</td>
                <td>Dice {dice.toFixed(3)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {problem !== '' && (
        <p role="alert" className={styles['problem']}>
          {problem}
        </p>
      )}
    </section>
  );
}
