import { useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import type { Projects } from './use-projects.ts';

interface ProjectCellProps {
  readonly study: string;
  /** undefined until it is known. */
  readonly project: string | undefined;
  readonly projects: Projects;
  readonly moved: () => void;
}

/** The project of a study; who may take it out there can put it into another. */
export function ProjectCell({ study, project, projects, moved }: ProjectCellProps) {
  const { worklist: t } = useTexts();
  const { can } = useSession();
  const [problem, setProblem] = useState('');
  const name = projects.find(({ id }) => id === project)?.name ?? project;
  if (project === undefined || !can('archive.delete', project)) return name;
  const move = (to: string) =>
    api
      .call('moveStudy', { params: { study }, body: { project: to } })
      .then(moved, (error: unknown) => setProblem(wordsOf(error)));
  const others = projects.filter(({ id }) => id !== project && can('archive.write', id));
  if (others.length === 0) return name;
  return (
    <>
      <select
        aria-label={t.project}
        title={problem}
        value={project}
        onChange={(event) => void move(event.target.value)}
      >
        <option value={project}>{name}</option>
        {others.map((other) => (
          <option key={other.id} value={other.id}>
            {other.name}
          </option>
        ))}
      </select>
      {problem !== '' && <small role="alert">{problem}</small>}
    </>
  );
}
