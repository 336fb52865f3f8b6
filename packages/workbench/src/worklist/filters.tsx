import type { ReactNode, Ref } from 'react';
import { useTexts } from '../app/texts/use-texts.ts';
import type { LabelState, StudyFilter } from './study-query.ts';
import type { Projects } from './use-projects.ts';
import styles from './worklist.module.css';

const MODALITIES = ['CR', 'CT', 'DX', 'MG', 'MR', 'NM', 'OT', 'PT', 'US', 'XA'];
const STATES: readonly LabelState[] = ['unlabelled', 'draft', 'submitted', 'approved', 'rejected'];

interface FiltersProps {
  readonly projects: Projects;
  readonly filter: StudyFilter;
  readonly onChange: (filter: StudyFilter) => void;
  readonly ref: Ref<HTMLInputElement>;
  readonly children: ReactNode;
}

/** Search and filters above the list. */
export function Filters({ projects, filter, onChange, ref, children }: FiltersProps) {
  const { worklist: t } = useTexts();
  const choose = (part: Partial<StudyFilter>) => onChange({ ...filter, ...part });
  return (
    <div className={styles['filters']}>
      <input
        ref={ref}
        type="search"
        aria-label={t.search}
        placeholder={t.search}
        title={t.shortcuts}
        value={filter.text}
        onChange={(event) => choose({ text: event.target.value })}
      />
      <select
        aria-label={t.allProjects}
        value={filter.project}
        onChange={(event) => choose({ project: event.target.value })}
      >
        <option value="">{t.allProjects}</option>
        {projects.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <label>
        {t.from}
        <input
          type="date"
          value={filter.from}
          max={filter.to || undefined}
          onChange={(event) => choose({ from: event.target.value })}
        />
      </label>
      <label>
        {t.to}
        <input
          type="date"
          value={filter.to}
          min={filter.from || undefined}
          onChange={(event) => choose({ to: event.target.value })}
        />
      </label>
      <select
        aria-label={t.allModalities}
        value={filter.modality}
        onChange={(event) => choose({ modality: event.target.value })}
      >
        <option value="">{t.allModalities}</option>
        {MODALITIES.map((modality) => (
          <option key={modality}>{modality}</option>
        ))}
      </select>
      <select
        aria-label={t.allStates}
        value={filter.state}
        onChange={(event) => choose({ state: event.target.value as StudyFilter['state'] })}
      >
        <option value="">{t.allStates}</option>
        {STATES.map((state) => (
          <option key={state} value={state}>
            {t[state]}
          </option>
        ))}
      </select>
      {children}
    </div>
  );
}
