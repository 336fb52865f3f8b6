import { keyRows } from '../annotate/key-rows.ts';
import type { StudyPanel } from '../viewer/viewport-contract.ts';
import { texts } from './texts/use-texts.ts';

/** What stands beside the views of a study, in the order of its tabs. */
export const STUDY_PANELS: readonly StudyPanel[] = [
  {
    id: 'annotate',
    title: () => texts().annotate.title,
    keys: () => [...keyRows(texts()), ['Shift+N', texts().learning.nextCase]],
    load: () => import('../annotate/annotate-panel.tsx'),
  },
];
