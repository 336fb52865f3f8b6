import type { ModelAnswer } from '@vesalius/api';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './models.module.css';

/** Whether it passed its gate, and whether it takes clicks. */
export function ModelBadges({ model }: { readonly model: ModelAnswer }) {
  const { models: t } = useTexts();
  const { gate } = model;
  return (
    <span className={styles['badges']}>
      {gate && (
        <span className={gate.reached ? styles['passed'] : styles['failed']}>
          {gate.reached ? t.gatePassed : t.gateFailed} ({gate.metric} ≥ {gate.atLeast})
        </span>
      )}
      {!gate && <span className={styles['plain']}>{t.noGate}</span>}
      {model.interactive && <span className={styles['plain']}>{t.interactive}</span>}
      <span className={styles['plain']}>{model.dimensions}-D</span>
    </span>
  );
}
