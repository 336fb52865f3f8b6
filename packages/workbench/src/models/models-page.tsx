import type { ModelAnswer } from '@vesalius/api';
import { type ChangeEvent, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import { EffortChart } from './effort-chart.tsx';
import { lineage } from './lineage.ts';
import { MetricBar, mainMetric } from './metric-bar.tsx';
import { ModelBadges } from './model-badges.tsx';
import styles from './models.module.css';
import { useModels } from './use-models.ts';

/** The registry: every model below the one it came from. */
export function ModelsPage() {
  const { models: t } = useTexts();
  const { models, problem, reload } = useModels();
  return (
    <main className={styles['page']}>
      <header className={styles['head']}>
        <h1>{t.title}</h1>
        <span className={styles['space']} />
        <Link href="/graph">{t.openAnyFile}</Link>
        <Upload added={reload} />
      </header>
      {problem !== '' && (
        <p role="alert" className={styles['problem']}>
          {problem}{' '}
          <button type="button" onClick={reload}>
            {t.again}
          </button>
        </p>
      )}
      {models?.length === 0 && <p className={styles['empty']}>{t.none}</p>}
      {models && models.length > 0 && <Registry models={models} />}
      {models && <EffortChart models={models} />}
    </main>
  );
}

function Registry({ models }: { readonly models: readonly ModelAnswer[] }) {
  const { models: t } = useTexts();
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th>{t.model}</th>
          <th>{t.quality}</th>
          <th>{t.state}</th>
          <th>{t.labels}</th>
          <th>{t.project}</th>
          <th>{t.added}</th>
        </tr>
      </thead>
      <tbody>
        {lineage(models).map(({ model, depth }) => (
          <Row key={model.id} model={model} depth={depth} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ model, depth }: { readonly model: ModelAnswer; readonly depth: number }) {
  const metric = mainMetric(model);
  return (
    <tr>
      <td>
        <span className={styles['name']}>
          {depth > 0 && <span className={styles['branch']}>{`${'   '.repeat(depth - 1)}└`}</span>}
          <Link href={`/models/${encodeURIComponent(model.id)}`}>{model.name}</Link>
          <small>{model.version}</small>
        </span>
      </td>
      <td>
        {metric ? (
          <>
            {metric.name} <MetricBar metric={metric} />
          </>
        ) : (
          '–'
        )}
      </td>
      <td>
        <ModelBadges model={model} />
      </td>
      <td>{model.labels.map(({ name }) => name).join(', ')}</td>
      <td>{model.project}</td>
      <td>{new Date(model.addedAt).toLocaleString()}</td>
    </tr>
  );
}

/** A bundle as a zip; the server checks its signature, its hashes and its shapes. */
function Upload({ added }: { added(): void }) {
  const { models: t } = useTexts();
  const { can } = useSession();
  const input = useRef<HTMLInputElement>(null);
  const [, go] = useLocation();
  const [state, setState] = useState<'idle' | 'sending' | { problem: string }>('idle');
  if (!can('train')) return null;
  const send = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const [file] = event.target.files ?? [];
    event.target.value = '';
    if (!file) return;
    setState('sending');
    const answer = await fetch('/api/models', {
      method: 'PUT',
      headers: { 'content-type': 'application/zip' },
      body: file,
    }).catch(() => undefined);
    const body = await answer?.json().catch(() => undefined);
    if (!answer?.ok) return setState({ problem: body?.message ?? body?.what ?? t.notSent });
    setState('idle');
    added();
    go(`/models/${encodeURIComponent(String(body?.id))}`);
  };
  return (
    <>
      {typeof state === 'object' && (
        <span role="alert" className={styles['problem']}>
          {state.problem}
        </span>
      )}
      <button type="button" disabled={state === 'sending'} onClick={() => input.current?.click()}>
        {state === 'sending' ? t.sending : t.upload}
      </button>
      <input ref={input} type="file" hidden accept=".zip" aria-label={t.upload} onChange={send} />
    </>
  );
}
