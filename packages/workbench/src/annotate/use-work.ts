import type { SegmentLabel } from '@vesalius/api';
import { useEffect, useReducer, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import type { ViewportHost } from '../viewer/viewport-contract.ts';
import { AnnotationWork } from './annotation-work.ts';
import { colorOf } from './colors.ts';

const FIRST: readonly SegmentLabel[] = [{ value: 1, name: 'Structure', color: colorOf(0) }];

/** The own work on a series; draws again with each change of it. */
export function useWork(host: ViewportHost): { work: AnnotationWork | undefined; problem: string } {
  const [work, setWork] = useState<AnnotationWork>();
  const [problem, setProblem] = useState('');
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let opened: AnnotationWork | undefined;
    let left = false;
    const begin = async () => {
      opened = await AnnotationWork.open(host, FIRST);
      if (left) return opened.close();
      const labels = await api.call('getLabels', { params: { project: opened.draft.project } }).catch(() => []);
      if (opened.draft.segments.length === 0 && labels.length > 0) opened.labels = labels;
      opened.show();
      opened.subscribe(draw);
      setWork(opened);
    };
    begin().catch((error: unknown) => setProblem(wordsOf(error)));
    return () => {
      left = true;
      opened?.close();
    };
  }, [host]);
  return { work, problem };
}
