import { Suspense } from 'react';
import { LazyLearningTools } from '../app/lazy-learning.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import type { ViewportHost } from '../viewer/viewport-contract.ts';
import styles from './annotate.module.css';
import { EditingBox } from './editing-box.tsx';
import { HandIn } from './hand-in.tsx';
import { PresenceLine } from './presence-line.tsx';
import { ReviewBox } from './review-box.tsx';
import { SaveLine } from './save-line.tsx';
import { useWork } from './use-work.ts';

/** Draws and corrects the own label map of the series that is shown. */
export function Panel({ host }: { readonly host: ViewportHost }) {
  const { annotate: t, app } = useTexts();
  const { work, problem, open } = useWork(host);
  if (problem !== '')
    return (
      <p role="alert" className={styles['problem']}>
        {problem}{' '}
        <button type="button" onClick={() => open()}>
          {app.again}
        </button>
      </p>
    );
  if (!work) return <p className={styles['note']}>{t.opening}</p>;
  return (
    <div className={styles['panel']}>
      <div className={styles['state']}>
        <PresenceLine work={work} />
        <SaveLine work={work} />
        {work.isOpen && work.mayEdit && <HandIn work={work} />}
      </div>
      {work.isOpen && work.mayEdit && <EditingBox work={work} />}
      {!work.isOpen && <p className={styles['note']}>{t[work.draft.state]}</p>}
      <ReviewBox work={work} open={open} />
      <Suspense>
        <LazyLearningTools host={host} project={work.draft.project} />
      </Suspense>
    </div>
  );
}
