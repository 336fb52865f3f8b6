import { useCallback, useEffect, useReducer, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import type { ViewportHost } from '../viewer/viewport-contract.ts';
import { AnnotationWork } from './annotation-work.ts';
import { FIRST_LABELS } from './first-labels.ts';

interface OpenWork {
  readonly work: AnnotationWork | undefined;
  readonly problem: string;
  /** Another one of the own label maps, by its id; without one the own once more. */
  readonly open: (id?: string) => void;
}

/** The own work on a series; draws again with each change of it. */
export function useWork(host: ViewportHost): OpenWork {
  const [work, setWork] = useState<AnnotationWork>();
  const [problem, setProblem] = useState('');
  const [wanted, setWanted] = useState<{ readonly id?: string }>({});
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let opened: AnnotationWork | undefined;
    let left = false;
    const begin = async () => {
      opened = await AnnotationWork.open(host, FIRST_LABELS, wanted.id);
      if (left) return opened.close();
      const labels = await api.call('getLabels', { params: { project: opened.draft.project } }).catch(() => []);
      if (opened.draft.segments.length === 0 && opened.saveState === 'saved' && labels.length > 0)
        opened.labels = labels;
      opened.show();
      opened.subscribe(draw);
      setProblem('');
      setWork(opened);
    };
    begin().catch((error: unknown) => setProblem(wordsOf(error)));
    return () => {
      left = true;
      opened?.close();
      setWork(undefined);
    };
  }, [host, wanted]);
  const open = useCallback((id?: string) => setWanted(id === undefined ? {} : { id }), []);
  return { work, problem, open };
}
