import { type ComponentType, lazy, Suspense, useMemo } from 'react';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './study.module.css';
import type { StudyPanel, ViewportHost } from './viewport-contract.ts';

/** A panel of another part of the workbench, fetched when it is opened. */
export function PanelSlot({ panel, host }: { readonly panel: StudyPanel; readonly host: ViewportHost }) {
  const { app: t } = useTexts();
  const Panel = useMemo(
    () => lazy(async () => ({ default: (await panel.load()).Panel as ComponentType<{ readonly host: ViewportHost }> })),
    [panel],
  );
  return (
    <Suspense fallback={<p className={styles['dim']}>{t.loading}</p>}>
      <Panel host={host} />
    </Suspense>
  );
}
