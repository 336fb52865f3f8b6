import type { StudyPanel } from '../viewer/viewport-contract.ts';

/** What stands beside the views of a study, in the order of its tabs. */
export const STUDY_PANELS: readonly StudyPanel[] = [];
