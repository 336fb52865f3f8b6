import type { ModelAnswer } from '@vesalius/api';
import { Suspense, useEffect, useMemo, useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { api, wordsOf } from '../app/api.ts';
import { LazyModelViewer } from '../app/lazy-model-viewer.tsx';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import { writeZip } from '../app/write-zip.ts';
import { CompareCases } from './compare-cases.tsx';
import { parentOf } from './lineage.ts';
import { MetricBar, short } from './metric-bar.tsx';
import { ModelBadges } from './model-badges.tsx';
import { ModelCard } from './model-card.tsx';
import styles from './models.module.css';
import { TrainedOn } from './trained-on.tsx';
import { type BundleFile, fileBytes, filePath, useBundle } from './use-bundle.ts';
import { useModels } from './use-models.ts';

const TABS = ['overview', 'metrics', 'graph', 'files'] as const;
type Tab = (typeof TABS)[number];

/** One model: its card, metrics, graph and files. */
export function ModelPage() {
  const { model: id = '' } = useParams();
  const { models: t } = useTexts();
  const { models, problem } = useModels();
  const [tab, setTab] = useState<Tab>('overview');
  const model = models?.find((other) => other.id === id);
  const bundle = useBundle(id);
  const source = useMemo(() => sourceOf(id), [id]);
  if (problem !== '') return <Problem text={problem} />;
  if (!models) return <main className={styles['page']} aria-busy="true" />;
  if (!model) return <Problem text={t.gone} />;
  return (
    <main className={styles['page']}>
      <header className={styles['head']}>
        <Link href="/models">{t.title}</Link>
        <h1>
          {model.name} <small>{model.version}</small>
        </h1>
        <ModelBadges model={model} />
        <span className={styles['space']} />
        <Download model={model} files={bundle.files} />
        <Remove model={model} />
      </header>
      <div role="tablist" className={styles['tabs']}>
        {TABS.map((name) => (
          <button type="button" role="tab" key={name} aria-selected={tab === name} onClick={() => setTab(name)}>
            {t.tabs[name]}
          </button>
        ))}
      </div>
      {tab === 'overview' && <Overview model={model} models={models} card={bundle.card} />}
      {tab === 'metrics' && (
        <>
          <Metrics model={model} />
          <CompareCases model={model} models={models} />
        </>
      )}
      {tab === 'graph' && <Graph source={source} />}
      {tab === 'files' && <Files id={id} files={bundle.files} />}
    </main>
  );
}

/** Its graph; the server measures how long each part takes. */
function sourceOf(id: string) {
  return {
    name: `${id}.onnx`,
    bytes: () => fileBytes(id, 'model.onnx'),
    times: async () => JSON.stringify(await api.call('profileModel', { params: { model: id } })),
  };
}

function Graph({ source }: { readonly source: ReturnType<typeof sourceOf> }) {
  return (
    <div className={styles['graph']}>
      <Suspense>
        <LazyModelViewer source={source} />
      </Suspense>
    </div>
  );
}

function Problem({ text }: { readonly text: string }) {
  const { models: t } = useTexts();
  return (
    <main className={styles['page']}>
      <p role="alert" className={styles['empty']}>
        {text} <Link href="/models">{t.title}</Link>
      </p>
    </main>
  );
}

function Overview({
  model,
  models,
  card,
}: {
  readonly model: ModelAnswer;
  readonly models: readonly ModelAnswer[];
  readonly card: string;
}) {
  const { models: t } = useTexts();
  const parent = parentOf(model, models);
  return (
    <div className={styles['columns']}>
      <div>{card !== '' && <ModelCard markdown={card} />}</div>
      <aside>
        <Labels model={model} />
        <TrainedOn model={model} />
        <dl className={styles['facts']}>
          <dt>{t.channels}</dt>
          <dd>{model.channels.join(', ')}</dd>
          <dt>{t.project}</dt>
          <dd>{model.project}</dd>
          <dt>{t.made}</dt>
          <dd>{new Date(model.createdAt).toLocaleString()}</dd>
          <dt>{t.size}</dt>
          <dd>{megabytes(model.bytes)}</dd>
          <dt>{t.parent}</dt>
          <dd>
            {parent ? (
              <Link href={`/models/${encodeURIComponent(parent.id)}`}>{parent.name}</Link>
            ) : (
              (model.parent ?? '–')
            )}
          </dd>
          <dt>{t.training}</dt>
          <dd>
            {model.training ? <Link href={`/train/${encodeURIComponent(model.training)}`}>{t.curves}</Link> : '–'}
          </dd>
          <dt>{t.signedBy}</dt>
          <dd>{model.signedBy}</dd>
        </dl>
      </aside>
    </div>
  );
}

function Labels({ model }: { readonly model: ModelAnswer }) {
  const { models: t } = useTexts();
  return (
    <>
      <h2>{t.labels}</h2>
      <ul className={styles['labels']}>
        {model.labels.map(({ value, name, color }) => (
          <li key={value}>
            <svg viewBox="0 0 1 1" aria-hidden="true">
              <rect width="1" height="1" fill={color} />
            </svg>
            {value} {name}
          </li>
        ))}
      </ul>
    </>
  );
}

function Metrics({ model }: { readonly model: ModelAnswer }) {
  const { models: t } = useTexts();
  if (model.metrics.length === 0) return <p className={styles['empty']}>{t.noMetrics}</p>;
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th>{t.metric}</th>
          <th>{t.label}</th>
          <th>{t.estimate}</th>
          <th>{t.cases}</th>
        </tr>
      </thead>
      <tbody>
        {model.metrics.map((metric) => (
          <tr key={`${metric.name} ${metric.className ?? ''}`}>
            <td>{metric.name}</td>
            <td>{metric.className ?? t.mean}</td>
            <td>{metric.cases === 0 ? '–' : <MetricBar metric={metric} />}</td>
            <td>{metric.cases}</td>
          </tr>
        ))}
      </tbody>
      {model.gate && <caption>{t.gateAt(model.gate.metric, short(model.gate.atLeast))}</caption>}
    </table>
  );
}

function Files({ id, files }: { readonly id: string; readonly files: readonly BundleFile[] }) {
  const { models: t } = useTexts();
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th>{t.file}</th>
          <th>{t.size}</th>
        </tr>
      </thead>
      <tbody>
        {files.map(({ path, bytes }) => (
          <tr key={path}>
            <td>
              <a href={filePath(id, path)} download={path.split('/').at(-1)}>
                {path}
              </a>
            </td>
            <td>{megabytes(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Download({ model, files }: { readonly model: ModelAnswer; readonly files: readonly BundleFile[] }) {
  const { models: t } = useTexts();
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    const read = await Promise.all(
      files.map(async ({ path }) => ({ path: `${model.name}.bundle/${path}`, bytes: await fileBytes(model.id, path) })),
    );
    const link = document.createElement('a');
    link.href = URL.createObjectURL(writeZip(read));
    link.download = `${model.id}.zip`;
    link.click();
    URL.revokeObjectURL(link.href);
    setBusy(false);
  };
  return (
    <button type="button" disabled={busy || files.length === 0} onClick={() => save().catch(() => setBusy(false))}>
      {t.download}
    </button>
  );
}

/** Asks once more before it removes. */
function Remove({ model }: { readonly model: ModelAnswer }) {
  const { models: t } = useTexts();
  const { can } = useSession();
  const [, go] = useLocation();
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const timer = asked ? setTimeout(() => setAsked(false), 5000) : undefined;
    return () => clearTimeout(timer);
  }, [asked]);
  if (!can('train')) return null;
  const remove = (): void => {
    if (!asked) setAsked(true);
    else
      api.call('removeModel', { params: { model: model.id } }).then(
        () => go('/models'),
        (error: unknown) => setProblem(wordsOf(error)),
      );
  };
  return (
    <>
      {problem !== '' && <span role="alert">{problem}</span>}
      <button type="button" onClick={remove}>
        {asked ? t.reallyRemove : t.remove}
      </button>
    </>
  );
}

function megabytes(bytes: number): string {
  return bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
