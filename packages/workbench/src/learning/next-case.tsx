import type { RouteAnswer, Strategy } from '@vesalius/api';
import { useCallback, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './learning.module.css';
import { useSimpleModels } from './use-simple-models.ts';

type Next = RouteAnswer<'nextSeries'>;

interface NextCaseProps {
  readonly project: string;
  /** The series that is open; it is not proposed again. */
  readonly series?: string;
}

const STRATEGIES = ['first', 'random', 'epistemic', 'test-time-augmentation'] as const satisfies readonly Strategy[];
const KEPT_AS = 'vesalius-strategy';

/** The answer that led here: it says why this case. */
let led: Next | undefined;

/** Leads to the case that is worth most to annotate next, and says why it is that one. */
export function NextCase({ project, series }: NextCaseProps) {
  const { learning: t } = useTexts();
  const [strategy, setStrategy] = useState(keptStrategy);
  const [model, setModel] = useState('');
  const [problem, setProblem] = useState('');
  const [, open] = useLocation();
  const models = useSimpleModels(project);
  const asksModel = strategy === 'epistemic' || strategy === 'test-time-augmentation';
  const go = useCallback(async () => {
    const more = { ...(asksModel && model !== '' && { model }), ...(series !== undefined && { except: series }) };
    setProblem('');
    try {
      const next = await api.call('nextSeries', { params: { project }, query: { strategy, ...more } });
      if (next.series === null || next.study === null) return setProblem(t.allLabelled);
      led = next;
      open(`/study/${next.study}?series=${next.series}&panel=annotate`);
    } catch (error) {
      setProblem(wordsOf(error));
    }
  }, [project, series, strategy, model, asksModel, open, t]);
  useNextKey(go);
  const choose = (chosen: Strategy) => {
    localStorage.setItem(KEPT_AS, chosen);
    setStrategy(chosen);
  };
  return (
    <fieldset className={styles['row']} aria-label={t.nextCase}>
      <button type="button" title="Shift+N" onClick={() => void go()}>
        {t.nextCase}
      </button>
      <select aria-label={t.strategy} value={strategy} onChange={({ target }) => choose(target.value as Strategy)}>
        {STRATEGIES.map((one) => (
          <option key={one} value={one}>
            {t.strategies[one]}
          </option>
        ))}
      </select>
      {asksModel && models.length > 0 && (
        <select aria-label={t.model} value={model} onChange={({ target }) => setModel(target.value)}>
          <option value="">{t.newestModel}</option>
          {models.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      )}
      {problem !== '' && <span role="alert">{problem}</span>}
      {problem === '' && led !== undefined && led.series === series && <Why next={led} />}
    </fieldset>
  );
}

function Why({ next }: { readonly next: Next }) {
  const { learning: t } = useTexts();
  const { strategy, score, model = '', unscored } = next;
  const why = score !== null ? t.leastSure(model, score.toFixed(3)) : strategy === 'first' ? t.theOldest : t.drawn;
  return (
    <small role="status">
      {why} {unscored > 0 && t.unscored(unscored)}
    </small>
  );
}

function keptStrategy(): Strategy {
  const kept = localStorage.getItem(KEPT_AS);
  return STRATEGIES.find((one) => one === kept) ?? 'random';
}

/** Shift+N, wherever nothing is written. */
function useNextKey(go: () => Promise<void>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      if (event.key !== 'N' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (target instanceof HTMLElement && target.closest('input:not([type="range"]), textarea, select, dialog'))
        return;
      event.preventDefault();
      void go();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [go]);
}
