import type { ModelAnswer, ModelComparison } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import { short } from './metric-bar.tsx';
import styles from './models.module.css';

/** A model beside another, case by case. */
export function CompareCases({
  model,
  models,
}: {
  readonly model: ModelAnswer;
  readonly models: readonly ModelAnswer[];
}) {
  const { models: t } = useTexts();
  const [other, setOther] = useState('');
  const [found, setFound] = useState<ModelComparison>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    setFound(undefined);
    setProblem('');
    if (other === '') return;
    api
      .call('compareModels', { params: { model: other }, query: { with: model.id } })
      .then(setFound, (error: unknown) => setProblem(wordsOf(error)));
  }, [other, model.id]);
  const others = models.filter(({ id }) => id !== model.id);
  if (others.length === 0) return null;
  return (
    <section aria-label={t.compare}>
      <h2>{t.compare}</h2>
      <label>
        {t.compareWith}{' '}
        <select value={other} onChange={({ target }) => setOther(target.value)}>
          <option value="">–</option>
          {others.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </label>
      {problem !== '' && <p role="alert">{problem}</p>}
      {found?.cases.length === 0 && <p className={styles['empty']}>{t.noCommonCases}</p>}
      {found && found.cases.length > 0 && <Cases found={found} names={[other, model.id]} />}
    </section>
  );
}

function Cases({ found, names }: { readonly found: ModelComparison; readonly names: readonly [string, string] }) {
  const { models: t } = useTexts();
  const { cases, difference, matchedBy } = found;
  const signed = (value: number) => (value > 0 ? `+${short(value)}` : short(value));
  const rows = cases.toSorted((a, b) => a.second - a.first - (b.second - b.first));
  return (
    <>
      {difference && (
        <p role="status">{t.difference({ ...mapped(difference, signed), cases: cases.length, name: names[1] })}</p>
      )}
      <table className={styles['table']}>
        <caption>{matchedBy === 'name' ? t.matchedByName : t.matchedBySeries}</caption>
        <thead>
          <tr>
            <th>{t.case}</th>
            <th>{names[0]}</th>
            <th>{names[1]}</th>
            <th>{t.change}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ case: name, first, second }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{short(first)}</td>
              <td>{short(second)}</td>
              <td className={second < first ? styles['worse'] : styles['better']}>{signed(second - first)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function mapped({ estimate, low, high }: Record<'estimate' | 'low' | 'high', number>, word: (value: number) => string) {
  return { estimate: word(estimate), low: word(low), high: word(high) };
}
