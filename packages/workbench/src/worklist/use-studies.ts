import type { AnnotationState } from '@vesalius/api';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { qidoAddresses, type StudyEntry, type StudyFilter, studyOf } from './study-query.ts';

const PAGE = 100;
const TYPING_MS = 250;

interface Studies {
  /** undefined until the first answer. */
  readonly studies: readonly StudyEntry[] | undefined;
  /** The furthest that anybody's labels of a study have come. */
  readonly states: ReadonlyMap<string, AnnotationState>;
  readonly problem: string;
  readonly more: boolean;
  reload(): void;
  loadMore(): void;
}

/** The studies that fit, page by page. What was asked for before and comes late is thrown away. */
export function useStudies(filter: StudyFilter): Studies {
  const [studies, setStudies] = useState<readonly StudyEntry[]>();
  const [states, setStates] = useState<ReadonlyMap<string, AnnotationState>>(new Map());
  const [problem, setProblem] = useState('');
  const [more, setMore] = useState(false);
  const asked = useRef<AbortController>(undefined);
  const { text, project, modality } = filter;

  const ask = useCallback(
    async (offset: number) => {
      asked.current?.abort();
      const control = new AbortController();
      asked.current = control;
      try {
        const page = { limit: PAGE, offset };
        const addresses = qidoAddresses({ text, project, modality, state: '' }, page);
        const found = await Promise.all(addresses.map((address) => search(address, control.signal)));
        setMore(found.some(({ length }) => length === PAGE));
        setStudies((before = []) => distinct(offset === 0 ? found.flat() : [...before, ...found.flat()]));
        setProblem('');
        setStates(await readStates());
      } catch (error) {
        if (!control.signal.aborted) setProblem(wordsOf(error));
      }
    },
    [text, project, modality],
  );
  useEffect(() => {
    const timer = setTimeout(() => void ask(0), text === '' ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [ask, text]);
  const count = studies?.length ?? 0;
  return { studies, states, problem, more, reload: () => void ask(0), loadMore: () => void ask(count) };
}

async function search(address: string, signal: AbortSignal): Promise<StudyEntry[]> {
  const answer = await fetch(address, { signal, headers: { accept: 'application/dicom+json' } });
  if (answer.status === 204) return [];
  if (!answer.ok) throw new TypeError(`${answer.status} ${answer.statusText}`);
  return ((await answer.json()) as unknown[]).map(studyOf);
}

function distinct(studies: readonly StudyEntry[]): StudyEntry[] {
  return [...new Map(studies.map((study) => [study.uid, study])).values()];
}

const ORDER: readonly AnnotationState[] = ['rejected', 'draft', 'submitted', 'approved'];

async function readStates(): Promise<Map<string, AnnotationState>> {
  const annotations = await api.call('listAnnotations', { query: { limit: 1000 } }).catch(() => []);
  const states = new Map<string, AnnotationState>();
  for (const { study, state } of annotations) {
    const before = states.get(study);
    if (before === undefined || ORDER.indexOf(state) > ORDER.indexOf(before)) states.set(study, state);
  }
  return states;
}
