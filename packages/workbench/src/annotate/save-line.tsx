import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';

/** Whether what is drawn is saved; where another page saved since, which one is to stay. */
export function SaveLine({ work }: { readonly work: AnnotationWork }) {
  const { annotate: t } = useTexts();
  if (work.saveState !== 'conflict')
    return (
      <p className={styles['note']} role="status">
        {t.save[work.saveState]}
      </p>
    );
  return (
    <div role="alertdialog" aria-label={t.save.conflict} className={styles['conflict']}>
      <p>{t.save.conflict}</p>
      <button type="button" onClick={() => void work.takeTheirs()}>
        {t.takeTheirs}
      </button>
      <button type="button" onClick={() => void work.keepMine()}>
        {t.keepMine}
      </button>
    </div>
  );
}
