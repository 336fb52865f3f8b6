import { lazy } from 'react';

/** What to annotate next, for pages of other features; fetched when it is first shown. */
export const LazyNextCase = lazy(async () => ({ default: (await import('../learning/next-case.tsx')).NextCase }));

/** The same beside the images, with where a model is unsure. */
export const LazyLearningTools = lazy(async () => ({
  default: (await import('../learning/learning-tools.tsx')).LearningTools,
}));
