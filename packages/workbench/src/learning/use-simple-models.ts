import type { ModelAnswer } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { api } from '../app/api.ts';

/** The models of a project that one series is enough for, newest first. */
export function useSimpleModels(project: string): readonly ModelAnswer[] {
  const [models, setModels] = useState<readonly ModelAnswer[]>([]);
  useEffect(() => {
    api.call('listModels').then(
      (found) => setModels(found.filter((one) => one.channels.length === 1 && one.project === project)),
      () => setModels([]),
    );
  }, [project]);
  return models;
}
