import type { RouteAnswer } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { api, wordsOf } from './api.ts';
import styles from './shell.module.css';
import { useTexts } from './texts/use-texts.ts';

type Job = RouteAnswer<'listJobs'>['jobs'][number];

const ASK_EVERY_MS = 5000;
const SHOWN = 20;
const RECENT_MS = 3_600_000;

/** How many jobs run, or failed in the last hour; opened, what they are and how far, and how to end them. */
export function JobsIndicator() {
  const { app: t, worklist } = useTexts();
  const [jobs, setJobs] = useState<readonly Job[]>([]);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const ask = () => {
      if (!document.hidden)
        api.call('listJobs', { query: { limit: SHOWN } }).then(
          (found) => setJobs(found.jobs),
          () => undefined,
        );
    };
    ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const open = jobs.filter(({ state }) => state === 'running' || state === 'waiting');
  const failed = jobs.filter(
    ({ state, endedAt = '' }) => state === 'failed' && Date.now() - Date.parse(endedAt) < RECENT_MS,
  );
  const cancel = (job: string) =>
    api.call('cancelJob', { params: { job } }).catch((error: unknown) => setProblem(wordsOf(error)));
  return (
    <details className={styles['jobs']}>
      <summary>
        {t.jobs} {open.length}
        {failed.length > 0 && <span className={styles['failed']}>{` ${failed.length} ${t.jobsFailed}`}</span>}
      </summary>
      <div className={styles['jobList']}>
        {open.length + failed.length === 0 && <p>{t.noJobs}</p>}
        <ul>
          {[...open, ...failed].map((job) => (
            <li key={job.id}>
              {job.kind} <progress max={1} value={job.progress} aria-label={job.kind} />{' '}
              {job.error?.message ?? job.message}{' '}
              {job.endedAt === undefined && (
                <button type="button" onClick={() => void cancel(job.id)}>
                  {worklist.cancel}
                </button>
              )}
            </li>
          ))}
        </ul>
        {problem !== '' && <p role="alert">{problem}</p>}
      </div>
    </details>
  );
}
