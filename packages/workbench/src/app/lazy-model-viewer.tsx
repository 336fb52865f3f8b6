import { lazy } from 'react';

/** The viewer of model graphs for pages of other features; fetched when it is first shown. */
export const LazyModelViewer = lazy(async () => ({
  default: (await import('../model-graph/view/model-viewer.tsx')).ModelViewer,
}));
