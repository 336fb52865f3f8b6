import type { AnnotationAnswer, HistoryAnswer } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { api } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import { momentOf } from './moment-of.ts';

/** The states that a label map went through, asked for when it is opened. */
export function HistoryList({ annotation: { id, state, review } }: { readonly annotation: AnnotationAnswer }) {
  const { annotate: t, worklist } = useTexts();
  const [isOpen, setOpen] = useState(false);
  const [entries, setEntries] = useState<HistoryAnswer>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with another state or review there is more to read.
  useEffect(() => {
    if (!isOpen) return;
    api.call('listHistory', { params: { annotation: id } }).then(setEntries, () => setEntries([]));
  }, [isOpen, id, state, review?.at]);
  return (
    <details className={styles['history']} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.history}</summary>
      <ol>
        {entries.map(({ state: then, at, by, comment }) => (
          <li key={`${at} ${then}`}>
            <time dateTime={at}>{momentOf(at)}</time> {worklist[then]}, {by}
            {comment !== undefined && <blockquote>{comment}</blockquote>}
          </li>
        ))}
      </ol>
    </details>
  );
}
