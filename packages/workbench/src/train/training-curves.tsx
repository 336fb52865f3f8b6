import type { ScalarSeries, TrainingAnswer } from '@vesalius/api';
import { useEffect, useMemo, useState } from 'react';
import { api } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import { CompareSettings } from './compare-settings.tsx';
import { type Across, joined, type Table, tagsOf } from './curves.ts';
import { EndValues } from './end-values.tsx';
import styles from './train.module.css';
import { TrainingChart } from './training-chart.tsx';

interface Props {
  readonly training: TrainingAnswer;
  readonly scalars: readonly ScalarSeries[];
  /** Those it may be compared with. */
  readonly others: readonly TrainingAnswer[];
}

/** All curves of a training, beside those of others when asked. */
export function TrainingCurves({ training, scalars, others }: Props) {
  const { train: t } = useTexts();
  const [weight, setWeight] = useState(0.6);
  const [logarithmic, setLogarithmic] = useState(false);
  const [across, setAcross] = useState<Across>('step');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const compared = useScalars(chosen);
  const runs = useMemo(() => {
    const named = others
      .filter(({ id }) => compared.has(id))
      .map(({ id }) => ({ name: id, curves: compared.get(id) ?? [] }));
    return [{ name: training.id, curves: scalars }, ...named];
  }, [training.id, scalars, others, compared]);
  const toggle = (id: string): void =>
    setChosen((ids) => (ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id]));
  const tags = tagsOf(runs.map(({ curves }) => curves));
  const single = singleValues(runs, tags);
  return (
    <section aria-label={t.curves}>
      <div className={styles['choices']}>
        <label>
          {t.smoothing}{' '}
          <input
            type="range"
            min={0}
            max={0.98}
            step={0.02}
            value={weight}
            onChange={(event) => setWeight(Number(event.target.value))}
          />
        </label>
        <label>
          <input type="checkbox" checked={logarithmic} onChange={(event) => setLogarithmic(event.target.checked)} />{' '}
          {t.logarithmic}
        </label>
        <label>
          {t.across}{' '}
          <select value={across} onChange={(event) => setAcross(event.target.value === 'time' ? 'time' : 'step')}>
            <option value="step">{t.step}</option>
            <option value="time">{t.minutes}</option>
          </select>
        </label>
        {others.length > 0 && (
          <details>
            <summary>{t.compare}</summary>
            {others.map(({ id, name, createdAt }) => (
              <label key={id}>
                <input type="checkbox" checked={chosen.includes(id)} onChange={() => toggle(id)} /> {name}{' '}
                <small>{new Date(createdAt).toLocaleString()}</small>
              </label>
            ))}
          </details>
        )}
      </div>
      <CompareSettings trainings={[training, ...others.filter(({ id }) => chosen.includes(id))]} />
      {scalars.length === 0 && <p className={styles['empty']}>{t.noCurves}</p>}
      <div className={styles['charts']}>
        {tags
          .filter((tag) => !single.includes(tag))
          .map((tag) => (
            <Curve key={tag} {...{ tag, runs, across, weight, logarithmic }} />
          ))}
      </div>
      <EndValues tags={single} runs={runs} />
    </section>
  );
}

/** Measured once in each run, after the last step. */
function singleValues(runs: readonly Run[], tags: readonly string[]): string[] {
  const curvesOf = (tag: string) => runs.flatMap(({ curves }) => curves.filter((curve) => curve.tag === tag));
  return tags.filter((tag) => tag.startsWith('validation/') && curvesOf(tag).every(({ points }) => points.length < 2));
}

interface Run {
  readonly name: string;
  readonly curves: readonly ScalarSeries[];
}

interface CurveProps {
  readonly tag: string;
  readonly runs: readonly Run[];
  readonly across: Across;
  readonly weight: number;
  readonly logarithmic: boolean;
}

function Curve({ tag, runs, across, weight, logarithmic }: CurveProps) {
  const having = useMemo(() => runs.filter(({ curves }) => curves.some((curve) => curve.tag === tag)), [runs, tag]);
  const table = useMemo((): Table => {
    const curves = having.flatMap((run) => run.curves.filter((curve) => curve.tag === tag));
    return joined(curves, across, weight);
  }, [having, tag, across, weight]);
  return <TrainingChart title={tag} names={having.map(({ name }) => name)} {...{ table, across, logarithmic }} />;
}

/** Curves of the trainings that are compared, by id; each is asked for once. */
function useScalars(ids: readonly string[]): ReadonlyMap<string, readonly ScalarSeries[]> {
  const [known, setKnown] = useState<ReadonlyMap<string, readonly ScalarSeries[]>>(new Map());
  useEffect(() => {
    for (const training of ids) {
      if (known.has(training)) continue;
      api.call('getScalars', { params: { training } }).then(
        (curves) => setKnown((before) => new Map(before).set(training, curves)),
        () => undefined,
      );
    }
  }, [ids, known]);
  return useMemo(
    () => new Map(ids.flatMap((id) => (known.has(id) ? [[id, known.get(id) ?? []] as const] : []))),
    [ids, known],
  );
}
