import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import { type KeptDraft, keptDrafts } from './kept-drafts.ts';
import { momentOf } from './moment-of.ts';

/** A draft in the making elsewhere is sent by then. */
const SENT_BY_MS = 5000;

/** Leads to the studies whose strokes this browser keeps and the server does not have. */
export function UnsentNotice() {
  const { annotate: t } = useTexts();
  const { me } = useSession();
  const [unsent, setUnsent] = useState<readonly KeptDraft[]>([]);
  useEffect(() => {
    const isOld = ({ by, at }: KeptDraft) => by === me.name && Date.now() - Date.parse(at) > SENT_BY_MS;
    keptDrafts().then(
      (kept) => setUnsent(kept.filter(isOld)),
      () => setUnsent([]),
    );
  }, [me.name]);
  if (unsent.length === 0) return null;
  return (
    <div role="status" className={styles['unsent']}>
      {t.unsent}
      {unsent.map(({ annotation, study, at }) => (
        <Link key={annotation} href={`/study/${study}`}>
          {momentOf(at)}
        </Link>
      ))}
    </div>
  );
}
