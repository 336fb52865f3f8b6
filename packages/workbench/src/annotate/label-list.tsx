import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';
import { colorOf } from './colors.ts';

interface LabelListProps {
  readonly work: AnnotationWork;
  readonly value: number;
  readonly choose: (value: number) => void;
}

/** The classes: which one is drawn, what they are called, how large they are. */
export function LabelList({ work, value, choose }: LabelListProps) {
  const { annotate: t } = useTexts();
  const rename = (of: number, name: string) =>
    work.setLabels(work.labels.map((label) => (label.value === of ? { ...label, name: name || label.name } : label)));
  const add = () => {
    const next = Math.max(0, ...work.labels.map((label) => label.value)) + 1;
    work.setLabels([...work.labels, { value: next, name: `${t.class} ${next}`, color: colorOf(next - 1) }]);
    choose(next);
  };
  return (
    <fieldset className={styles['labels']}>
      <legend>{t.classes}</legend>
      {work.labels.map((label) => (
        <div key={label.value} className={styles['label']}>
          <input
            type="radio"
            name="class"
            aria-label={label.name}
            checked={label.value === value}
            onChange={() => choose(label.value)}
          />
          <svg width="12" height="12" aria-hidden="true">
            <rect width="12" height="12" rx="3" fill={label.color} />
          </svg>
          <input
            aria-label={t.nameOf(label.name)}
            defaultValue={label.name}
            onBlur={(event) => rename(label.value, event.target.value.trim())}
          />
        </div>
      ))}
      <button type="button" onClick={add}>
        {t.addClass}
      </button>
    </fieldset>
  );
}
