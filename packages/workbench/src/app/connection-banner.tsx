import { useSyncExternalStore } from 'react';
import { connection } from './connection.ts';
import styles from './shell.module.css';
import { useTexts } from './texts/use-texts.ts';

/** Over the page as long as the server does not answer. */
export function ConnectionBanner() {
  const { app: t } = useTexts();
  const isLost = useSyncExternalStore(connection.subscribe, connection.isLost);
  return (
    <div role="status" className={styles['connection']} hidden={!isLost}>
      {isLost && t.offline}
    </div>
  );
}
