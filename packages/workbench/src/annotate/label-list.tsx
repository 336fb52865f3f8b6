import type { SegmentLabel } from '@vesalius/api';
import { spacingMm } from '@vesalius/volume';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';
import { colorOf } from './colors.ts';
import type { Meaning } from './find-codes.ts';
import { FIRST_NAME } from './first-labels.ts';
import { LabelCode } from './label-code.tsx';
import { toggled } from './label-looks.ts';
import { LabelRow } from './label-row.tsx';

interface LabelListProps {
  readonly work: AnnotationWork;
  readonly value: number;
  readonly choose: (value: number) => void;
}

/** The classes: which one is drawn, how they look, what they are called and mean, how large they are. */
export function LabelList({ work, value, choose }: LabelListProps) {
  const { annotate: t } = useTexts();
  const { looks } = work;
  const change = (of: number, to: Partial<SegmentLabel>) =>
    work.setLabels(work.labels.map((label) => (label.value === of ? { ...label, ...to } : label)));
  const add = () => {
    const next = Math.max(0, ...work.labels.map((label) => label.value)) + 1;
    work.setLabels([...work.labels, { value: next, name: `${t.class} ${next}`, color: colorOf(next - 1) }]);
    choose(next);
  };
  const give = (label: SegmentLabel, meaning: Meaning) => {
    const isUnnamed = label.name === FIRST_NAME || label.name === `${t.class} ${label.value}`;
    change(label.value, { ...meaning, ...(isUnnamed && { name: meaning.type.meaning }) });
  };
  const inHand = work.labels.find((label) => label.value === value);
  return (
    <fieldset className={styles['labels']}>
      <legend>{t.classes}</legend>
      {work.labels.map((label) => (
        <LabelRow
          key={label.value}
          label={label}
          isInHand={label.value === value}
          isHidden={looks.hidden.has(label.value)}
          isLocked={looks.locked.has(label.value)}
          ml={work.history.voxelsOf(label.value) * voxelMl(work)}
          choose={() => choose(label.value)}
          change={(to) => change(label.value, to)}
          hide={() => work.setLooks({ ...looks, hidden: toggled(looks.hidden, label.value) })}
          lock={() => work.setLooks({ ...looks, locked: toggled(looks.locked, label.value) })}
        />
      ))}
      <button type="button" onClick={add}>
        {t.addClass}
      </button>
      {inHand && <LabelCode label={inHand} choose={(meaning) => give(inHand, meaning)} />}
      <label>
        {t.opacity(Math.round(100 * looks.opacity))}
        <input
          type="range"
          min={0}
          max={100}
          value={Math.round(100 * looks.opacity)}
          onChange={(event) => work.setLooks({ ...looks, opacity: event.target.valueAsNumber / 100 })}
        />
      </label>
    </fieldset>
  );
}

function voxelMl({ host }: AnnotationWork): number {
  const { grid } = host.series;
  return grid ? spacingMm(grid).reduce((product, mm) => product * mm, 1) / 1000 : 0;
}
