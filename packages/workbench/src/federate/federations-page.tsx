import type { FederationAnswer } from '@vesalius/api';
import { useCallback, useEffect, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './federate.module.css';
import { RoundList } from './round-list.tsx';
import { SiteTable } from './site-table.tsx';

const ASK_EVERY_MS = 3000;

/** Federations that this server coordinates or takes part in, with what may be done about them. */
export function FederationsPage() {
  const { federate: t } = useTexts();
  const [federations, setFederations] = useState<readonly FederationAnswer[]>();
  const [problem, setProblem] = useState('');
  const tell = useCallback((error: unknown) => setProblem(wordsOf(error)), []);
  const ask = useCallback(() => {
    if (!document.hidden) api.call('listFederations').then(setFederations, tell);
  }, [tell]);
  useEffect(() => {
    ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [ask]);
  const act = (doing: Promise<unknown>) => {
    setProblem('');
    doing.then(ask, tell);
  };
  return (
    <main className={styles['page']}>
      <h1>{t.title}</h1>
      {problem !== '' && <p role="alert">{problem}</p>}
      {federations?.length === 0 && <p>{t.none}</p>}
      {federations?.map((federation) => (
        <Federation key={federation.id} federation={federation} act={act} />
      ))}
    </main>
  );
}

interface Shown {
  readonly federation: FederationAnswer;
  readonly act: (doing: Promise<unknown>) => void;
}

function Federation({ federation, act }: Shown) {
  const { federate: t } = useTexts();
  const { id, role, state, round, plan, budget, problem } = federation;
  return (
    <section aria-label={id} className={styles['federation']}>
      <h2>{id}</h2>
      <p>
        {t.roles[role]}, {t.states[state]}, {t.roundOf(round, Number(plan['rounds'] ?? 0))}
        {budget && `, ${t.spent(budget.spent.toFixed(2), budget.epsilon.toFixed(2))}`}
      </p>
      {problem && <p role="status">{t.lastProblem(problem.code, new Date(problem.at).toLocaleString())}</p>}
      <Actions federation={federation} act={act} />
      <details>
        <summary>{t.plan}</summary>
        <dl className={styles['plan']}>
          {Object.entries(plan).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd>
            </div>
          ))}
        </dl>
      </details>
      <SiteTable federation={federation} act={act} />
      <RoundList federation={federation} />
    </section>
  );
}

function Actions({ federation: { id, role, state, planHash, planApproved }, act }: Shown) {
  const { federate: t } = useTexts();
  const params = { federation: id };
  const mayApprove = role === 'site' && !planApproved;
  return (
    <p className={styles['actions']}>
      {mayApprove && (
        <button type="button" onClick={() => act(api.call('approvePlan', { params, body: { planHash } }))}>
          {t.approvePlan}
        </button>
      )}
      {(state === 'paused' || (role === 'coordinator' && state === 'waiting')) && (
        <button type="button" onClick={() => act(api.call('startFederation', { params }))}>
          {state === 'paused' ? t.resume : t.start}
        </button>
      )}
      {(state === 'running' || (role === 'site' && state === 'waiting')) && (
        <button type="button" onClick={() => act(api.call('pauseFederation', { params }))}>
          {t.pause}
        </button>
      )}
    </p>
  );
}
