import { z } from 'zod';
import type { ApiRoute } from '../api-route.ts';
import { id, segmentLabelSchema, uidSchema } from '../basic-schemas.ts';
import {
  agreementSchema,
  annotationQuerySchema,
  annotationSchema,
  foundSegmentationSchema,
  historySchema,
  newUncertaintyMapSchema,
  nextSchema,
  presenceSchema,
  reviewSchema,
  STRATEGIES,
  standingSchema,
} from './annotation-schemas.ts';

/**
 * Label maps of series. Besides these: `GET /api/annotations/{annotation}/mask` gives the label map (a byte for each voxel, x fastest,
 * gzip as asked), its `ETag` the revision in quotes. `PUT` on it saves one and answers the annotation; `If-Match` is the revision that it was
 * made from: 428 without it, 412 with the newest in `ETag` when another save came between. Its body is the label map alone,
 * `application/octet-stream` or `application/gzip`, or a form (`multipart/form-data`): first the field `content`
 * (`annotationContentSchema` as JSON: segments, seconds spent, model), then `mask`, of one of these two types.
 * `GET /api/annotations/{annotation}/presence?tab=` gives, as server-sent events `presence`, what `tellPresence` answers, at once and after each
 * change; the page counts as open while it listens. `GET /api/series/{series}/consensus?method=majority|staple` gives one label map of those
 * handed in, as bytes like a mask.
 */
export const ANNOTATION_ROUTES = {
  listAnnotations: {
    method: 'GET',
    path: '/api/annotations',
    access: 'archive.read',
    summary: 'Annotations, newest first.',
    query: annotationQuerySchema,
    answer: z.array(annotationSchema),
  },
  openAnnotation: {
    method: 'POST',
    path: '/api/annotations',
    access: 'annotate',
    summary: 'The own annotation of a series, of several the one changed last; a draft is made where there is none.',
    body: z.object({
      series: uidSchema,
      from: uidSchema
        .exactOptional()
        .describe('SOP Instance UID of a SEG whose segments a draft without saves begins with.'),
      further: z.boolean().exactOptional().describe('A new draft, besides what the annotator has of the series.'),
    }),
    answer: annotationSchema,
  },
  listSegmentations: {
    method: 'GET',
    path: '/api/series/:series/segmentations',
    access: 'archive.read',
    summary: 'The SEG objects of the archive that were drawn on the series.',
    answer: z.array(foundSegmentationSchema),
  },
  tellPresence: {
    method: 'PUT',
    path: '/api/annotations/:annotation/presence',
    access: 'annotate',
    summary: 'Says every 20 seconds that a page is open on it; the answer tells who else has the study open.',
    body: presenceSchema,
    answer: standingSchema,
  },
  listHistory: {
    method: 'GET',
    path: '/api/annotations/:annotation/history',
    access: 'archive.read',
    summary: 'The states that it went through, the oldest first: when, by whom.',
    answer: historySchema,
  },
  getAnnotation: {
    method: 'GET',
    path: '/api/annotations/:annotation',
    access: 'archive.read',
    summary: 'One annotation.',
    answer: annotationSchema,
  },
  submitAnnotation: {
    method: 'POST',
    path: '/api/annotations/:annotation/submission',
    access: 'annotate',
    summary: 'Hands it in: a SEG is written into the archive.',
    answer: annotationSchema,
  },
  reviewAnnotation: {
    method: 'POST',
    path: '/api/annotations/:annotation/review',
    access: 'annotate',
    summary: 'Signs it off or sends it back: another than who drew it, or who manages the project.',
    body: reviewSchema,
    answer: annotationSchema,
  },
  removeAnnotation: {
    method: 'DELETE',
    path: '/api/annotations/:annotation',
    access: 'annotate',
    summary: 'Removes the label map; a SEG that was handed in stays in the archive.',
    answer: z.void(),
  },
  getAgreement: {
    method: 'GET',
    path: '/api/series/:series/agreement',
    access: 'archive.read',
    summary: 'How far the annotators of a series agree.',
    answer: agreementSchema,
  },
  getLabels: {
    method: 'GET',
    path: '/api/projects/:project/labels',
    access: 'archive.read',
    summary:
      'The classes that are annotated in the project; where nobody set them, those of the label map handed in last.',
    answer: z.array(segmentLabelSchema),
  },
  setLabels: {
    method: 'PUT',
    path: '/api/projects/:project/labels',
    access: 'train',
    summary: 'Sets the classes that are annotated in the project.',
    body: z.array(segmentLabelSchema).min(1).max(255),
    answer: z.array(segmentLabelSchema),
  },
  nextSeries: {
    method: 'GET',
    path: '/api/projects/:project/next',
    access: 'annotate',
    summary: 'The series that is worth most to annotate next.',
    query: z.object({
      strategy: z.enum(STRATEGIES).default('random'),
      model: z.string().max(100).exactOptional(),
      except: uidSchema.exactOptional().describe('Not this one: it is open.'),
    }),
    answer: nextSchema,
  },
  mapUncertainty: {
    method: 'POST',
    path: '/api/models/:model/uncertainty',
    access: 'annotate',
    summary: 'Maps where a model is unsure of a series: a job that stores a DICOM Parametric Map in its study.',
    body: newUncertaintyMapSchema,
    answer: z.object({ job: id }),
  },
} as const satisfies Record<string, ApiRoute>;
