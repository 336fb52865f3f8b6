import type { TrainingAnswer } from '@vesalius/api';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './train.module.css';

/** The state of a training as a badge. */
export function TrainingState({ state }: Pick<TrainingAnswer, 'state'>) {
  const { train: t } = useTexts();
  return <span className={[styles['state'], styles[state]].filter(Boolean).join(' ')}>{t.states[state]}</span>;
}
