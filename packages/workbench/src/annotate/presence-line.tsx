import type { Standing } from '@vesalius/api';
import { useState } from 'react';
import { wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';
import { momentOf } from './moment-of.ts';

type Other = Standing['others'][number];

/** Who else is on the study, since when; where another page edits this label map, how to edit it here. */
export function PresenceLine({ work }: { readonly work: AnnotationWork }) {
  const { annotate: t } = useTexts();
  const [problem, setProblem] = useState('');
  const series = work.host.series.seriesInstanceUid;
  const wordsFor = (other: Other) => {
    const since = momentOf(other.since);
    if (other.annotation === work.draft.id && other.self) return t.ownElsewhere(since);
    if (other.series === series) return t.sameSeries(other.name, since);
    return t.sameStudy(other.name, since);
  };
  return (
    <div role="status" className={styles['presence']}>
      {work.standing?.others.map((other) => (
        <p key={`${other.annotation} ${other.name} ${other.since}`} className={styles['note']}>
          {wordsFor(other)}
        </p>
      ))}
      {work.isElsewhere && work.isOpen && (
        <div className={styles['conflict']}>
          <p>{t.looksOn}</p>
          <button
            type="button"
            onClick={() => void work.takeOver().catch((error: unknown) => setProblem(wordsOf(error)))}
          >
            {t.takeOver}
          </button>
          {problem !== '' && <p className={styles['problem']}>{problem}</p>}
        </div>
      )}
    </div>
  );
}
