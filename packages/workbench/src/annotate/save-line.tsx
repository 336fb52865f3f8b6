import { useState } from 'react';
import { wordsOf } from '../app/api.ts';
import { SignInAgain } from '../app/sign-in-again.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';
import { momentOf } from './moment-of.ts';

/** Whether what is drawn is saved, and what is to be done where it is not. */
export function SaveLine({ work }: { readonly work: AnnotationWork }) {
  const { annotate: t } = useTexts();
  const { state, problem, isUnsafe } = work.saver;
  return (
    <>
      {work.restoredFrom !== undefined && <p className={styles['note']}>{t.restored(momentOf(work.restoredFrom))}</p>}
      {state === 'conflict' && <Conflict work={work} />}
      {state === 'signedOut' && <SignedOut work={work} />}
      {state === 'refused' && (
        <div role="alert" className={styles['conflict']}>
          <p>
            {t.save.refused} {problem}
          </p>
          <button type="button" onClick={() => void work.save()}>
            {t.saveAgain}
          </button>
        </div>
      )}
      {!(state === 'conflict' || state === 'signedOut' || state === 'refused') && (
        <p className={styles[state === 'offline' ? 'unsaved' : 'note']} role="status">
          {t.save[state]}
        </p>
      )}
      {isUnsafe && state !== 'saved' && (
        <p role="alert" className={styles['problem']}>
          {t.notKept}
        </p>
      )}
    </>
  );
}

function Conflict({ work }: { readonly work: AnnotationWork }) {
  const { annotate: t } = useTexts();
  const [problem, setProblem] = useState('');
  const { theirs } = work.saver;
  const act = (step: () => Promise<void>) => void step().catch((error: unknown) => setProblem(wordsOf(error)));
  return (
    <div role="alert" className={styles['conflict']}>
      <p>
        {t.save.conflict} {theirs && t.savedBy(theirs.savedBy ?? theirs.annotator.name, momentOf(theirs.updatedAt))}
      </p>
      <div className={styles['tools']}>
        <button type="button" onClick={() => act(() => work.takeTheirs())}>
          {t.takeTheirs}
        </button>
        <button type="button" onClick={() => act(() => work.keepMine())}>
          {t.keepMine}
        </button>
      </div>
      {problem !== '' && <p className={styles['problem']}>{problem}</p>}
    </div>
  );
}

function SignedOut({ work }: { readonly work: AnnotationWork }) {
  const { annotate: t } = useTexts();
  const [asks, setAsks] = useState(true);
  return (
    <div role="alert" className={styles['conflict']}>
      <p>{t.save.signedOut}</p>
      <button type="button" onClick={() => setAsks(true)}>
        {t.signInAgain}
      </button>
      {asks && <SignInAgain done={() => void work.save()} dismiss={() => setAsks(false)} />}
    </div>
  );
}
