import { type KeyboardEvent, Suspense, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { LazyNextCase } from '../app/lazy-learning.tsx';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import { DropImport } from './drop-import.tsx';
import { Filters } from './filters.tsx';
import { matches, NO_FILTER, type StudyFilter } from './study-query.ts';
import { StudyTable } from './study-table.tsx';
import { useStudies } from './use-studies.ts';
import styles from './worklist.module.css';

/** The studies of the archive: found, filtered, opened, brought in, removed. */
export function WorklistPage() {
  const { worklist: t, app } = useTexts();
  const { can } = useSession();
  const [filter, setFilter] = useState<StudyFilter>(NO_FILTER);
  const { studies, states, problem, more, reload, loadMore } = useStudies(filter);
  const [, open] = useLocation();
  const [chosen, setChosen] = useState(0);
  const search = useRef<HTMLInputElement>(null);
  const shown = studies?.filter((study) => matches(study, states.get(study.uid), filter));
  const onKey = (event: KeyboardEvent) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === '/' && !typing) {
      event.preventDefault();
      search.current?.focus();
    }
    if (typing || !shown) return;
    const last = shown.length - 1;
    if (event.key === 'ArrowDown') setChosen((at) => Math.min(at + 1, last));
    else if (event.key === 'ArrowUp') setChosen((at) => Math.max(at - 1, 0));
    else if (event.key === 'Enter' && shown[chosen]) open(`/study/${shown[chosen].uid}`);
    else return;
    event.preventDefault();
  };
  return (
    <main className={styles['page']} onKeyDown={onKey}>
      <Filters ref={search} filter={filter} onChange={setFilter}>
        {can('archive.write') && <DropImport imported={reload} />}
        {can('annotate') && (
          <Suspense>
            <LazyNextCase project={filter.project || 'default'} />
          </Suspense>
        )}
      </Filters>
      {problem !== '' && (
        <p role="alert" className={styles['problem']}>
          {problem}{' '}
          <button type="button" onClick={reload}>
            {app.again}
          </button>
        </p>
      )}
      {shown && <StudyTable studies={shown} states={states} chosen={chosen} choose={setChosen} removed={reload} />}
      {!studies && problem === '' && <p className={styles['note']}>{app.loading}</p>}
      {studies?.length === 0 && <p className={styles['note']}>{filter === NO_FILTER ? t.none : t.noneFound}</p>}
      {shown?.length === 0 && studies?.length !== 0 && <p className={styles['note']}>{t.noneFound}</p>}
      {more && (
        <button type="button" className={styles['more']} onClick={loadMore}>
          {t.more}
        </button>
      )}
    </main>
  );
}
