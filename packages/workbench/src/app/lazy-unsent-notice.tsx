import { lazy } from 'react';

/** What was drawn in this browser and not sent; fetched when it is first shown. */
export const LazyUnsentNotice = lazy(async () => ({
  default: (await import('../annotate/unsent-notice.tsx')).UnsentNotice,
}));
