import type { ModelAnswer } from '@vesalius/api';
import { useCallback, useEffect, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';

/** The registry as it is; asked again by `reload`. */
export function useModels(): { models: readonly ModelAnswer[] | undefined; problem: string; reload(): void } {
  const [models, setModels] = useState<readonly ModelAnswer[]>();
  const [problem, setProblem] = useState('');
  const reload = useCallback(() => {
    setProblem('');
    api.call('listModels').then(setModels, (error: unknown) => setProblem(wordsOf(error)));
  }, []);
  useEffect(reload, [reload]);
  return { models, problem, reload };
}
