import type { TrainingAnswer } from '@vesalius/api';
import { useCallback, useEffect, useState } from 'react';
import { Link } from 'wouter';
import { api, wordsOf } from '../app/api.ts';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import { NewTrainingForm } from './new-training-form.tsx';
import styles from './train.module.css';
import { TrainingState } from './training-state.tsx';

const ASK_EVERY_MS = 3000;

/** Every training, and the form for another. */
export function TrainingsPage() {
  const { train: t } = useTexts();
  const { can } = useSession();
  const { trainings, problem } = useTrainings();
  const [opened, setOpened] = useState(false);
  return (
    <main className={styles['page']}>
      <header className={styles['head']}>
        <h1>{t.title}</h1>
        <span className={styles['space']} />
        {can('train') && (
          <button type="button" aria-expanded={opened} onClick={() => setOpened(!opened)}>
            {t.newTraining}
          </button>
        )}
      </header>
      {opened && <NewTrainingForm cancel={() => setOpened(false)} />}
      {problem !== '' && (
        <p role="alert" className={styles['problem']}>
          {problem}
        </p>
      )}
      {trainings?.length === 0 && !opened && <p className={styles['empty']}>{t.none}</p>}
      {trainings && trainings.length > 0 && <List trainings={trainings} />}
    </main>
  );
}

function List({ trainings }: { readonly trainings: readonly TrainingAnswer[] }) {
  const { train: t } = useTexts();
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th>{t.name}</th>
          <th>{t.state}</th>
          <th>{t.progress}</th>
          <th>{t.cases}</th>
          <th>{t.project}</th>
          <th>{t.begun}</th>
          <th>{t.model}</th>
        </tr>
      </thead>
      <tbody>
        {trainings.map((training) => (
          <tr key={training.id}>
            <td>
              <Link href={`/train/${encodeURIComponent(training.id)}`}>{training.name}</Link>
            </td>
            <td>
              <TrainingState state={training.state} />
            </td>
            <td>
              <progress max={1} value={training.progress} aria-label={t.progress} />{' '}
              {Math.round(100 * training.progress)} %
            </td>
            <td>{training.cases}</td>
            <td>{training.project}</td>
            <td>{new Date(training.createdAt).toLocaleString()}</td>
            <td>
              {training.model && <Link href={`/models/${encodeURIComponent(training.model)}`}>{training.model}</Link>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Asked again every few seconds while the page is in sight. */
function useTrainings(): { trainings: readonly TrainingAnswer[] | undefined; problem: string } {
  const [trainings, setTrainings] = useState<readonly TrainingAnswer[]>();
  const [problem, setProblem] = useState('');
  const ask = useCallback(() => {
    if (document.hidden) return;
    api.call('listTrainings').then(
      (found) => {
        setProblem('');
        setTrainings(found);
      },
      (error: unknown) => setProblem(wordsOf(error)),
    );
  }, []);
  useEffect(() => {
    ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [ask]);
  return { trainings, problem };
}
