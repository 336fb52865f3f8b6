import { useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';

/** Hands the own label map in; in sight however far the panel is scrolled. */
export function HandIn({ work }: { readonly work: AnnotationWork }) {
  const { annotate: t } = useTexts();
  const [problem, setProblem] = useState('');
  const submit = async () => {
    setProblem('');
    if (work.saveState !== 'saved' || work.draft.revision === 0) await work.save();
    // What is handed in is what stands at the server: the line of the draft says why it is not this one.
    if (work.saveState !== 'saved') return;
    work.become(await api.call('submitAnnotation', { params: { annotation: work.draft.id } }));
  };
  return (
    <>
      <button
        type="button"
        className={styles['submit']}
        onClick={() => void submit().catch((error: unknown) => setProblem(wordsOf(error)))}
      >
        {t.submit}
      </button>
      {problem !== '' && (
        <p role="alert" className={styles['problem']}>
          {problem}
        </p>
      )}
    </>
  );
}
