import { type KeyboardEvent, Suspense, useRef, useState } from 'react';
import { LazyNextCase } from '../app/lazy-learning.tsx';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import { DropImport } from './drop-import.tsx';
import { Filters } from './filters.tsx';
import { matches, NEWEST_FIRST, NO_FILTER, type Order, type StudyFilter, sortStudies } from './study-query.ts';
import { StudyTable } from './study-table.tsx';
import { useProjects } from './use-projects.ts';
import { useStudies } from './use-studies.ts';
import styles from './worklist.module.css';

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** The studies of the archive: found, filtered, opened, brought in, removed. */
export function WorklistPage() {
  const { worklist: t, app } = useTexts();
  const { can } = useSession();
  const [filter, setFilter] = useState<StudyFilter>(NO_FILTER);
  const { studies, standings, problem, more, reload, loadMore } = useStudies(filter);
  const projects = useProjects();
  const [order, setOrder] = useState<Order>(NEWEST_FIRST);
  const [chosen, setChosen] = useState(0);
  const search = useRef<HTMLInputElement>(null);
  const fitting = studies?.filter((study) => matches(study, standings.get(study.uid)?.labels, filter));
  const shown = fitting && sortStudies(fitting, order);
  const onKey = (event: KeyboardEvent) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === '/' && !typing) {
      event.preventDefault();
      search.current?.focus();
    }
    const by = STEPS[event.key];
    if (typing || by === undefined) return;
    const links = event.currentTarget.querySelectorAll<HTMLElement>('tbody a');
    links[Math.max(0, Math.min(chosen + by, links.length - 1))]?.focus();
    event.preventDefault();
  };
  return (
    <main className={styles['page']} onKeyDown={onKey}>
      <Filters ref={search} projects={projects} filter={filter} onChange={setFilter}>
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
      {shown && (
        <StudyTable
          projects={projects}
          studies={shown}
          standings={standings}
          order={order}
          setOrder={setOrder}
          chosen={chosen}
          choose={setChosen}
          changed={reload}
        />
      )}
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
