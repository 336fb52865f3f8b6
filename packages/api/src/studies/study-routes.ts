import { z } from 'zod';
import { ANNOTATION_STATES } from '../annotations/annotation-schemas.ts';
import type { ApiRoute } from '../api-route.ts';
import { projectIdSchema, uidSchema } from '../basic-schemas.ts';

/** What DICOMweb has no words for. */
export const STUDY_ROUTES = {
  describeStudies: {
    method: 'POST',
    path: '/api/studies/standings',
    access: 'archive.read',
    summary: 'Of studies that may be seen: project, and how far labels have come.',
    body: z.object({ studies: z.array(uidSchema).max(1000) }),
    answer: z.array(
      z.object({
        study: uidSchema,
        project: projectIdSchema,
        labels: z
          .enum(ANNOTATION_STATES)
          .exactOptional()
          .describe('The furthest that anybody came; missing where nobody began.'),
      }),
    ),
  },
  moveStudy: {
    method: 'PUT',
    path: '/api/studies/:study/project',
    access: 'archive.delete',
    summary: 'Puts a study into another project; needs the right to remove it there and to write here.',
    body: z.object({ project: projectIdSchema }),
    answer: z.void(),
  },
} as const satisfies Record<string, ApiRoute>;
