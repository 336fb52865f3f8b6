import type { ViewportHost } from '../viewer/viewport-contract.ts';
import { Explanation } from './explanation.tsx';
import { NextCase } from './next-case.tsx';
import { Uncertainty } from './uncertainty.tsx';

/** Beside the images: where a model is unsure, what it weighed, and what to annotate next. */
export function LearningTools({ host, project }: { readonly host: ViewportHost; readonly project: string }) {
  return (
    <>
      <Uncertainty host={host} project={project} />
      <Explanation host={host} project={project} />
      <NextCase project={project} series={host.series.seriesInstanceUid} />
    </>
  );
}
