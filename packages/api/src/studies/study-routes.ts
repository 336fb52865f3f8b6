import { z } from 'zod';
import type { ApiRoute } from '../api-route.ts';
import { projectIdSchema } from '../basic-schemas.ts';

/** What DICOMweb has no words for. */
export const STUDY_ROUTES = {
  moveStudy: {
    method: 'PUT',
    path: '/api/studies/:study/project',
    access: 'archive.delete',
    summary: 'Puts a study into another project; needs the right to remove it there and to write here.',
    body: z.object({ project: projectIdSchema }),
    answer: z.void(),
  },
} as const satisfies Record<string, ApiRoute>;
