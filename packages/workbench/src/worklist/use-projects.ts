import type { RouteAnswer } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { api } from '../app/api.ts';

export type Projects = RouteAnswer<'listProjects'>;

/** Those that may be seen; none until the answer. */
export function useProjects(): Projects {
  const [projects, setProjects] = useState<Projects>([]);
  useEffect(() => {
    api.call('listProjects').then(setProjects, () => setProjects([]));
  }, []);
  return projects;
}
