import type { RouteAnswer } from '@vesalius/api';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { qidoAddresses, type StudyEntry, type StudyFilter, studyOf } from './study-query.ts';

/** Project, and how far labels have come. */
export type StudyStanding = RouteAnswer<'describeStudies'>[number];

const PAGE = 100;
const TYPING_MS = 250;

interface Studies {
  /** undefined until the first answer. */
  readonly studies: readonly StudyEntry[] | undefined;
  readonly standings: ReadonlyMap<string, StudyStanding>;
  readonly problem: string;
  readonly more: boolean;
  reload(): void;
  loadMore(): void;
}

/** The studies that fit, page by page. What was asked for before and comes late is thrown away. */
export function useStudies(filter: StudyFilter): Studies {
  const [studies, setStudies] = useState<readonly StudyEntry[]>();
  const [standings, setStandings] = useState<ReadonlyMap<string, StudyStanding>>(new Map());
  const [problem, setProblem] = useState('');
  const [more, setMore] = useState(false);
  const [turn, setTurn] = useState(0);
  const asked = useRef<AbortController>(undefined);
  const { text, project, modality, from, to } = filter;

  const ask = useCallback(
    async (offset: number) => {
      asked.current?.abort();
      const control = new AbortController();
      asked.current = control;
      try {
        const page = { limit: PAGE, offset };
        const addresses = qidoAddresses({ text, project, modality, from, to, state: '' }, page);
        const found = await Promise.all(addresses.map((address) => search(address, control.signal)));
        setMore(found.some(({ length }) => length === PAGE));
        setStudies((before = []) => distinct(offset === 0 ? found.flat() : [...before, ...found.flat()]));
        setProblem('');
        const more = await readStandings(found.flat());
        setStandings((before) => (offset === 0 ? more : new Map([...before, ...more])));
      } catch (error) {
        if (!control.signal.aborted) setProblem(wordsOf(error));
      }
    },
    [text, project, modality, from, to],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks again
  useEffect(() => {
    const timer = setTimeout(() => void ask(0), text === '' ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [ask, text, turn]);
  const count = studies?.length ?? 0;
  // Whoever reloads may hold on to it from before the filter changed: what is asked for is always of the newest filter.
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { studies, standings, problem, more, reload, loadMore: () => void ask(count) };
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

const AT_ONCE = 1000;

async function readStandings(studies: readonly StudyEntry[]): Promise<ReadonlyMap<string, StudyStanding>> {
  const standings = new Map<string, StudyStanding>();
  for (let from = 0; from < studies.length; from += AT_ONCE) {
    const body = { studies: studies.slice(from, from + AT_ONCE).map(({ uid }) => uid) };
    for (const one of await api.call('describeStudies', { body }).catch(() => [])) standings.set(one.study, one);
  }
  return standings;
}
