import type { AnnotationState } from '@vesalius/api';
import { useState } from 'react';
import { Link } from 'wouter';
import { Modal } from '../app/modal.tsx';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import type { StudyEntry } from './study-query.ts';
import styles from './worklist.module.css';

interface StudyTableProps {
  readonly studies: readonly StudyEntry[];
  readonly states: ReadonlyMap<string, AnnotationState>;
  readonly chosen: number;
  readonly choose: (at: number) => void;
  readonly removed: () => void;
}

export function StudyTable({ studies, states, chosen, choose, removed }: StudyTableProps) {
  const { worklist: t } = useTexts();
  const { can } = useSession();
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th aria-label={t.images} />
          <th>{t.patient}</th>
          <th>{t.date}</th>
          <th>{t.description}</th>
          <th>{t.images}</th>
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
              <span className={styles[states.get(study.uid) ?? 'unlabelled']}>
                {t[states.get(study.uid) ?? 'unlabelled']}
              </span>
            </td>
            <td>{can('archive.delete') && <Remove uid={study.uid} removed={removed} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
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
