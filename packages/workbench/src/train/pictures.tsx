import { useState } from 'react';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './train.module.css';
import { type TrainingFile, trainingFile } from './use-training.ts';

/** What the model made of validation cases, by the step at which it was asked: the newest, or one that is chosen. */
export function Pictures({ id, files }: { readonly id: string; readonly files: readonly TrainingFile[] }) {
  const { train: t } = useTexts();
  const [chosen, setChosen] = useState<number>();
  const steps = picturesByStep(files);
  const last = steps.length - 1;
  const at = Math.min(chosen ?? last, last);
  const [step = 0, pictures = []] = steps[at] ?? [];
  if (pictures.length === 0) return null;
  return (
    <section aria-label={t.pictures}>
      <h2>{t.pictures}</h2>
      <p className={styles['choices']}>
        <label>
          {t.atStep(step)}{' '}
          <input
            type="range"
            min={0}
            max={last}
            value={at}
            disabled={last === 0}
            onChange={({ target }) => setChosen(target.valueAsNumber === last ? undefined : target.valueAsNumber)}
          />
        </label>
        <small>{t.picturesShow}</small>
      </p>
      <div className={styles['pictures']}>
        {pictures.map((path) => (
          <figure key={path}>
            <img src={trainingFile(id, path)} alt={captionOf(path)} loading="lazy" />
            <figcaption>{captionOf(path)}</figcaption>
          </figure>
        ))}
      </div>
    </section>
  );
}

/** `pictures/00000120/axial.png`, by the number of the step. */
function picturesByStep(files: readonly TrainingFile[]): [number, string[]][] {
  const steps = new Map<number, string[]>();
  for (const { path } of files) {
    const [, step] = /^pictures\/(\d+)\/[^/]+\.png$/.exec(path) ?? [];
    if (step !== undefined) steps.set(Number(step), [...(steps.get(Number(step)) ?? []), path]);
  }
  return [...steps].sort(([a], [b]) => a - b);
}

function captionOf(path: string): string {
  return (path.split('/').at(-1) ?? '').replace('.png', '').replaceAll('-', ' ');
}
