import type { RouteName, TrainingAnswer } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { api, wordsOf } from '../app/api.ts';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import { lastLines } from './log-lines.ts';
import { Pictures } from './pictures.tsx';
import { Resources } from './resources.tsx';
import styles from './train.module.css';
import { TrainingCurves } from './training-curves.tsx';
import { TrainingState } from './training-state.tsx';
import { type TrainingFile, trainingFile, useTraining } from './use-training.ts';

const LINES = 500;
const LOG = 'log.jsonl';

/** One training as it goes on. */
export function TrainingPage() {
  const { training: id = '' } = useParams();
  const { train: t } = useTexts();
  const { training, scalars, log, files, problem, lost, reload } = useTraining(id);
  const others = useOthers(id);
  if (!training) {
    return (
      <main className={styles['page']} aria-busy={problem === ''}>
        {problem !== '' && (
          <p role="alert" className={styles['empty']}>
            {problem} <Link href="/train">{t.title}</Link>
          </p>
        )}
      </main>
    );
  }
  return (
    <main className={styles['page']}>
      <header className={styles['head']}>
        <Link href="/train">{t.title}</Link>
        <h1>{training.name}</h1>
        <TrainingState state={training.state} />
        {training.model && <Link href={`/models/${encodeURIComponent(training.model)}`}>{t.openModel}</Link>}
        <span className={styles['space']} />
        <Steps training={training} done={reload} />
      </header>
      <Progress training={training} lost={lost} />
      <Resources training={training} scalars={scalars} />
      {training.error && (
        <p role="alert" className={styles['problem']}>
          {training.error.code}: {training.error.message}
        </p>
      )}
      <TrainingCurves {...{ training, scalars, others }} />
      <Pictures id={id} files={files} />
      <Facts training={training} />
      <Log id={id} log={log} />
      <EventFiles id={id} files={files} />
    </main>
  );
}

function Progress({ training, lost }: { readonly training: TrainingAnswer; readonly lost: boolean }) {
  const { train: t } = useTexts();
  const { progress, message, secondsLeft, state } = training;
  const goesOn = state === 'preparing' || state === 'running';
  return (
    <div className={styles['progress']}>
      <progress max={1} value={progress} aria-label={t.progress} />
      <span>
        {Math.round(progress * 100)} % {message}
        {goesOn && secondsLeft !== undefined && ` · ${t.left(Math.max(1, Math.round(secondsLeft / 60)))}`}
      </span>
      {lost && goesOn && <span role="status">{t.lost}</span>}
    </div>
  );
}

const STEPS = {
  pause: { route: 'pauseTraining', from: ['running', 'preparing'] },
  resume: { route: 'resumeTraining', from: ['paused'] },
  stop: { route: 'stopTraining', from: ['running', 'preparing', 'paused'] },
  remove: { route: 'removeTraining', from: ['succeeded', 'failed', 'stopped'] },
} as const satisfies Record<string, { route: RouteName; from: readonly TrainingAnswer['state'][] }>;
type Step = keyof typeof STEPS;

/** What can be done to it now. What cannot be undone asks once more. */
function Steps({ training, done }: { readonly training: TrainingAnswer; done(): void }) {
  const { train: t } = useTexts();
  const { can } = useSession();
  const [, go] = useLocation();
  const [asked, setAsked] = useState<Step>();
  const [problem, setProblem] = useState('');
  if (!can('train', training.project)) return null;
  const take = (step: Step): void => {
    api.call(STEPS[step].route, { params: { training: training.id } }).then(
      () => (step === 'remove' ? go('/train') : done()),
      (error: unknown) => setProblem(wordsOf(error)),
    );
  };
  const press = (step: Step): void => {
    const final = step === 'stop' || step === 'remove';
    setAsked(final && asked !== step ? step : undefined);
    if (!final || asked === step) take(step);
  };
  const possible = (Object.keys(STEPS) as Step[]).filter((step) =>
    STEPS[step].from.some((state) => state === training.state),
  );
  return (
    <>
      {problem !== '' && (
        <span role="alert" className={styles['problem']}>
          {problem}
        </span>
      )}
      {possible.map((step) => (
        <button type="button" key={step} onClick={() => press(step)}>
          {asked === step ? t.really : t.steps[step]}
        </button>
      ))}
    </>
  );
}

function Facts({ training }: { readonly training: TrainingAnswer }) {
  const { train: t } = useTexts();
  const { request, cases, createdAt, endedAt } = training;
  const budget = request.steps === undefined ? `${request.budgetMinutes ?? '–'} min` : `${request.steps} ${t.step}`;
  const facts: readonly (readonly [string, string])[] = [
    [t.project, training.project],
    [t.cases, String(cases)],
    [t.labels, request.labels === 'approved' ? t.onlyApproved : t.submittedToo],
    [t.recipe, request.recipe === 'plan' ? t.plan : request.recipe],
    [t.budget, budget],
    [t.seed, String(request.seed)],
    [t.interactive, request.interactive ? t.yes : t.no],
    [t.begun, new Date(createdAt).toLocaleString()],
    ...(endedAt ? [[t.ended, new Date(endedAt).toLocaleString()] as const] : []),
  ];
  return (
    <dl className={styles['facts']}>
      {facts.map(([name, text]) => [<dt key={name}>{name}</dt>, <dd key={`${name} is`}>{text}</dd>])}
    </dl>
  );
}

function Log({ id, log }: { readonly id: string; readonly log: string }) {
  const { train: t } = useTexts();
  const [wanted, setWanted] = useState('');
  const known = lastLines(log, LINES).toReversed();
  if (known.length === 0) return null;
  const events = [...new Set(known.map(({ event }) => event))].filter((event) => event !== '');
  const lines = known.filter(({ event }) => wanted === '' || event === wanted);
  return (
    <section aria-label={t.log}>
      <h2>{t.log}</h2>
      <p className={styles['choices']}>
        <select aria-label={t.events} value={wanted} onChange={({ target }) => setWanted(target.value)}>
          <option value="">{t.allEvents}</option>
          {events.map((event) => (
            <option key={event}>{event}</option>
          ))}
        </select>
        <a href={trainingFile(id, LOG)} download={`${id}.jsonl`}>
          {t.saveLog}
        </a>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
      <pre className={styles['log']} tabIndex={0}>
        {lines.map(({ at, event, text }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines may be the same
          <div key={i}>
            <time>{at}</time> {event} {text}
          </div>
        ))}
      </pre>
    </section>
  );
}

/** The files that TensorBoard reads, and how to open them there. */
function EventFiles({ id, files }: { readonly id: string; readonly files: readonly TrainingFile[] }) {
  const { train: t } = useTexts();
  const events = files.filter(({ path }) => path.includes('tfevents'));
  if (events.length === 0) return null;
  return (
    <section aria-label="TensorBoard">
      <h2>TensorBoard</h2>
      <p>{t.tensorboard}</p>
      <p>
        <code>tensorboard --logdir .</code>
      </p>
      <ul>
        {events.map(({ path, bytes }) => (
          <li key={path}>
            <a href={trainingFile(id, path)} download={path.split('/').at(-1)}>
              {path}
            </a>{' '}
            {(bytes / 1000).toFixed(0)} kB
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Trainings to compare with. */
function useOthers(id: string): readonly TrainingAnswer[] {
  const [others, setOthers] = useState<readonly TrainingAnswer[]>([]);
  useEffect(() => {
    api.call('listTrainings').then(
      (found) => setOthers(found.filter((other) => other.id !== id)),
      () => undefined,
    );
  }, [id]);
  return others;
}
