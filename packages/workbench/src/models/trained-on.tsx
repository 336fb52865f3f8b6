import type { ModelAnswer, ModelSource } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { api } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './models.module.css';

/** The label maps that a model learned from and was measured on. */
export function TrainedOn({ model }: { readonly model: ModelAnswer }) {
  const { models: t } = useTexts();
  const [sources, setSources] = useState<readonly ModelSource[]>([]);
  const { trainedOn } = model;
  useEffect(() => {
    if (trainedOn) api.call('listModelSources', { params: { model: model.id } }).then(setSources, () => setSources([]));
  }, [model.id, trainedOn]);
  if (!trainedOn) return null;
  const { studies, series, validationSeries, annotatorSeconds } = trainedOn;
  const minutes = (annotatorSeconds / 60).toFixed(1);
  return (
    <details className={styles['lineage']}>
      <summary>{t.trainedOn({ studies, series, validationSeries, minutes })}</summary>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th>{t.case}</th>
            <th>{t.use}</th>
            <th>{t.seriesUid}</th>
            <th>{t.minutesSpent}</th>
          </tr>
        </thead>
        <tbody>
          {sources.map(({ case: name, use, study, series: uid, secondsSpent }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{t.uses[use]}</td>
              <td>
                <Link href={`/study/${study}?series=${uid}`} title={uid}>
                  …{uid.slice(-8)}
                </Link>
              </td>
              <td>{(secondsSpent / 60).toFixed(1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
