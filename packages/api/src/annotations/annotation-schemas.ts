import { z } from 'zod';
import { id, projectIdSchema, segmentLabelSchema, time, uidSchema } from '../basic-schemas.ts';

export const ANNOTATION_STATES = ['draft', 'submitted', 'approved', 'rejected'] as const;
export type AnnotationState = (typeof ANNOTATION_STATES)[number];

/** Somebody's label map of a series. */
export const annotationSchema = z.object({
  id,
  project: projectIdSchema,
  study: uidSchema,
  series: uidSchema,
  annotator: z.object({ id, name: z.string(), kind: z.enum(['person', 'model']) }),
  state: z.enum(ANNOTATION_STATES),
  revision: z.int().describe('Counts saves; 0 before the first.'),
  size: z.tuple([z.int(), z.int(), z.int()]).describe('Voxels along x, y, z of the label map.'),
  voxelToLps: z.array(z.number()).length(16).describe('Of the grid, by rows.'),
  segments: z.array(segmentLabelSchema),
  voxels: z.record(z.string(), z.int()).describe('How many voxels each value has.'),
  model: id.exactOptional().describe('Whose proposal it began with.'),
  secondsSpent: z.number(),
  createdAt: time,
  updatedAt: time,
  segmentation: z
    .object({ series: uidSchema, instance: uidSchema })
    .exactOptional()
    .describe('The SEG in the archive.'),
  review: z.object({ by: z.string(), at: time, comment: z.string().exactOptional() }).exactOptional(),
});

export type AnnotationAnswer = z.output<typeof annotationSchema>;

export const annotationQuerySchema = z
  .object({
    project: projectIdSchema,
    study: uidSchema,
    series: uidSchema,
    annotator: id,
    state: z.enum(ANNOTATION_STATES),
    limit: z.coerce.number().int().min(1).max(1000),
  })
  .partial();

export const reviewSchema = z.object({
  state: z.enum(['approved', 'rejected']),
  comment: z.string().max(2000).exactOptional(),
});

export const agreementSchema = z.object({
  annotations: z.array(id),
  /** One for each pair and class. */
  pairs: z.array(z.object({ a: id, b: id, value: z.int(), dice: z.number() })),
  /** Each annotator against the consensus of all. */
  staple: z.array(z.object({ annotation: id, value: z.int(), sensitivity: z.number(), specificity: z.number() })),
  /** Mean Dice of each annotation against the majority of voxels. */
  majority: z.array(z.object({ annotation: id, dice: z.number() })),
});

export type AgreementAnswer = z.output<typeof agreementSchema>;

export const STRATEGIES = ['random', 'first', 'epistemic', 'test-time-augmentation'] as const;

export const nextSchema = z.object({
  strategy: z.enum(STRATEGIES),
  series: uidSchema.nullable().describe('null where all are labelled.'),
  study: uidSchema.nullable(),
  score: z.number().nullable().describe('The larger, the more there is to learn.'),
});
