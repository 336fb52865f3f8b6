import { type FormEvent, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { api, wordsOf } from '../app/api.ts';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './train.module.css';

type Labels = 'approved' | 'submitted';

/** What to train on and for how long. */
export function NewTrainingForm({ cancel }: { cancel(): void }) {
  const { train: t } = useTexts();
  const projects = useProjects();
  const [, go] = useLocation();
  const [project, setProject] = useState('default');
  const [labels, setLabels] = useState<Labels>('approved');
  const [problem, setProblem] = useState('');
  const [sending, setSending] = useState(false);
  const cases = useLabelled(project);
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setSending(true);
    setProblem('');
    const body = { ...valuesOf(new FormData(event.currentTarget)), project, labels };
    api.call('startTraining', { body }).then(
      ({ id }) => go(`/train/${encodeURIComponent(id)}`),
      (error: unknown) => {
        setSending(false);
        setProblem(wordsOf(error));
      },
    );
  };
  const counted = labels === 'approved' ? cases?.approved : cases && cases.approved + cases.submitted;
  return (
    <form className={styles['form']} onSubmit={send} aria-label={t.newTraining}>
      <label>
        {t.name}
        <input name="name" required pattern="[a-z0-9][a-z0-9\-]{0,62}" placeholder="hippocampus" />
        <small>{t.nameHint}</small>
      </label>
      <label>
        {t.project}
        <select value={project} onChange={(event) => setProject(event.target.value)}>
          {projects.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t.labels}
        <select
          value={labels}
          onChange={(event) => setLabels(event.target.value === 'approved' ? 'approved' : 'submitted')}
        >
          <option value="approved">{t.onlyApproved}</option>
          <option value="submitted">{t.submittedToo}</option>
        </select>
        <small>{counted === undefined ? '…' : t.casesFound(counted)}</small>
      </label>
      <label>
        {t.recipe}
        <select name="recipe" defaultValue="plan">
          <option value="plan">{t.plan}</option>
          <option value="hippocampus">hippocampus</option>
        </select>
      </label>
      <Amount />
      <label>
        {t.seed}
        <input name="seed" type="number" min={0} step={1} defaultValue={0} />
      </label>
      <label className={styles['check']}>
        <input name="interactive" type="checkbox" /> {t.interactive}
      </label>
      <p className={styles['wide']}>
        <button type="submit" className={styles['primary']} disabled={sending || counted === 0}>
          {t.start}
        </button>
        <button type="button" onClick={cancel}>
          {t.cancel}
        </button>
        {problem !== '' && (
          <span role="alert" className={styles['problem']}>
            {problem}
          </span>
        )}
      </p>
    </form>
  );
}

/** A time, or a number of steps. */
function Amount() {
  const { train: t } = useTexts();
  const [by, setBy] = useState<'budgetMinutes' | 'steps'>('budgetMinutes');
  return (
    <label>
      {t.budget}
      <select value={by} onChange={(event) => setBy(event.target.value === 'steps' ? 'steps' : 'budgetMinutes')}>
        <option value="budgetMinutes">{t.byMinutes}</option>
        <option value="steps">{t.bySteps}</option>
      </select>
      <input
        key={by}
        name={by}
        type="number"
        required
        aria-label={by === 'steps' ? t.bySteps : t.byMinutes}
        min={by === 'steps' ? 1 : 0.5}
        step={by === 'steps' ? 1 : 0.5}
        max={by === 'steps' ? 1_000_000 : 10_080}
        defaultValue={by === 'steps' ? 1000 : 10}
      />
    </label>
  );
}

function valuesOf(form: FormData) {
  const text = (name: string): string => String(form.get(name) ?? '');
  return {
    name: text('name'),
    recipe: text('recipe'),
    interactive: form.has('interactive'),
    seed: Number(text('seed')) || 0,
    ...(form.has('budgetMinutes') ? { budgetMinutes: Number(text('budgetMinutes')) } : {}),
    ...(form.has('steps') ? { steps: Number(text('steps')) } : {}),
  };
}

/** The projects where one may train. */
function useProjects(): readonly { id: string; name: string }[] {
  const { can } = useSession();
  const [projects, setProjects] = useState<readonly { id: string; name: string }[]>([
    { id: 'default', name: 'default' },
  ]);
  useEffect(() => {
    api.call('listProjects').then(
      (found) => setProjects(found.filter(({ id }) => can('train', id))),
      () => undefined,
    );
  }, [can]);
  return projects;
}

/** How many series of a project have a label map that is approved, and how many more wait for review. */
function useLabelled(project: string): { approved: number; submitted: number } | undefined {
  const [counts, setCounts] = useState<{ approved: number; submitted: number }>();
  useEffect(() => {
    let wanted = true;
    setCounts(undefined);
    api.call('listAnnotations', { query: { project } }).then(
      (found) => {
        const inState = (state: string) =>
          new Set(found.filter((one) => one.state === state).map(({ series }) => series));
        const approved = inState('approved');
        if (wanted)
          setCounts({
            approved: approved.size,
            submitted: [...inState('submitted')].filter((series) => !approved.has(series)).length,
          });
      },
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [project]);
  return counts;
}
