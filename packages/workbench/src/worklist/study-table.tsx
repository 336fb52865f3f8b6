import { useState } from 'react';
import { Link } from 'wouter';
import { Modal } from '../app/modal.tsx';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import { ProjectCell } from './project-cell.tsx';
import type { Order, SortKey, StudyEntry } from './study-query.ts';
import type { Projects } from './use-projects.ts';
import type { StudyStanding } from './use-studies.ts';
import styles from './worklist.module.css';

interface StudyTableProps {
  readonly studies: readonly StudyEntry[];
  readonly projects: Projects;
  readonly standings: ReadonlyMap<string, StudyStanding>;
  readonly order: Order;
  readonly setOrder: (order: Order) => void;
  readonly chosen: number;
  readonly choose: (at: number) => void;
  /** A study went, or to another project. */
  readonly changed: () => void;
}

export function StudyTable({
  studies,
  projects,
  standings,
  order,
  setOrder,
  chosen,
  choose,
  changed,
}: StudyTableProps) {
  const { worklist: t } = useTexts();
  const { can } = useSession();
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th aria-label={t.images} />
          <SortHeader by="name" title={t.patient} {...{ order, setOrder }} />
          <SortHeader by="date" title={t.date} {...{ order, setOrder }} />
          <SortHeader by="description" title={t.description} {...{ order, setOrder }} />
          <SortHeader by="images" title={t.images} {...{ order, setOrder }} />
          <th>{t.project}</th>
          <th>{t.labels}</th>
          <th aria-label={t.remove} />
        </tr>
      </thead>
      <tbody>
        {studies.map((study, i) => (
          <tr key={study.uid} aria-current={i === chosen ? 'true' : undefined} onFocus={() => choose(i)}>
            <td>
              <Thumbnail uid={study.uid} />
            </td>
            <td>
              <Link href={`/study/${study.uid}`}>{study.name || study.patientId || t.noName}</Link>
              <small>{study.patientId}</small>
            </td>
            <td>{study.date}</td>
            <td>{study.description}</td>
            <td>
              {study.modalities.join(', ')}
              <small>
                {t.series(study.series)}, {t.pictures(study.images)}
              </small>
            </td>
            <td>
              <ProjectCell
                projects={projects}
                study={study.uid}
                project={standings.get(study.uid)?.project}
                moved={changed}
              />
            </td>
            <td>
              <LabelState labels={standings.get(study.uid)?.labels} />
            </td>
            <td>{can('archive.delete') && <Remove uid={study.uid} removed={changed} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LabelState({ labels = 'unlabelled' }: { readonly labels: StudyStanding['labels'] | 'unlabelled' }) {
  const { worklist: t } = useTexts();
  return <span className={styles[labels]}>{t[labels]}</span>;
}

interface SortHeaderProps {
  readonly by: SortKey;
  readonly title: string;
  readonly order: Order;
  readonly setOrder: (order: Order) => void;
}

function SortHeader({ by, title, order, setOrder }: SortHeaderProps) {
  const isBy = order.by === by;
  return (
    <th aria-sort={!isBy ? undefined : order.down ? 'descending' : 'ascending'}>
      <button type="button" className={styles['sort']} onClick={() => setOrder({ by, down: isBy && !order.down })}>
        {title}
        <span aria-hidden="true">{!isBy ? '' : order.down ? ' ▾' : ' ▴'}</span>
      </button>
    </th>
  );
}

/** Its place is kept before it comes: rows do not jump. */
function Thumbnail({ uid }: { readonly uid: string }) {
  const { worklist: t } = useTexts();
  const [missing, setMissing] = useState(false);
  if (missing) return <span className={styles['thumbnail']} title={t.noPicture} />;
  return (
    <img
      className={styles['thumbnail']}
      loading="lazy"
      alt=""
      src={`/dicom-web/studies/${uid}/thumbnail`}
      onError={() => setMissing(true)}
    />
  );
}

function Remove({ uid, removed }: { readonly uid: string; readonly removed: () => void }) {
  const { worklist: t } = useTexts();
  const [asks, setAsks] = useState(false);
  const [problem, setProblem] = useState('');
  const remove = async () => {
    const answer = await fetch(`/dicom-web/studies/${uid}`, { method: 'DELETE' });
    setAsks(false);
    if (answer.ok) removed();
    else setProblem(`${answer.status} ${answer.statusText}`);
  };
  return (
    <>
      <button type="button" className={styles['quiet']} onClick={() => setAsks(true)} title={problem}>
        {problem === '' ? t.remove : `${t.remove}: ${problem}`}
      </button>
      {asks && (
        <Modal className={styles['ask']} close={() => setAsks(false)}>
          <p>{t.removeAsk}</p>
          <button type="button" onClick={() => setAsks(false)}>
            {t.cancel}
          </button>{' '}
          <button type="button" onClick={() => void remove()}>
            {t.removeYes}
          </button>
        </Modal>
      )}
    </>
  );
}
