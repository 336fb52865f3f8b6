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
  number: z.int().describe("Of the annotator's label maps of the series; from 1."),
  state: z.enum(ANNOTATION_STATES),
  revision: z.int().describe('Counts saves; 0 before the first.'),
  size: z.tuple([z.int(), z.int(), z.int()]).describe('Voxels along x, y, z of the label map.'),
  voxelToLps: z.array(z.number()).length(16).describe('Of the grid, by rows.'),
  segments: z.array(segmentLabelSchema),
  voxels: z.record(z.string(), z.int()).describe('How many voxels each value has.'),
  model: id.exactOptional().describe('Whose proposal it began with.'),
  secondsSpent: z.number(),
  savedBy: z.string().exactOptional().describe('Who saved last.'),
  createdAt: time,
  updatedAt: time,
  segmentation: z
    .object({ series: uidSchema, instance: uidSchema })
    .exactOptional()
    .describe('The SEG in the archive.'),
  review: z.object({ by: z.string(), at: time, comment: z.string().exactOptional() }).exactOptional(),
});

export type AnnotationAnswer = z.output<typeof annotationSchema>;

/** What is saved beside the mask: the field `content` of the form. */
export const annotationContentSchema = z.object({
  segments: z.array(segmentLabelSchema).max(255),
  secondsSpent: z.number().min(0).max(86_400).exactOptional().describe('At work since the last save; adds up.'),
  model: id.exactOptional().describe('Whose proposal it began with.'),
});

/** A page that is open on an annotation. */
export const presenceSchema = z.object({
  tab: id.describe('Of its own making, so that two tabs of one person differ.'),
  act: z.enum(['take over', 'leave']).exactOptional().describe('From the page that may edit; or this page is closing.'),
});

export const standingSchema = z.object({
  others: z
    .array(
      z.object({
        name: z.string(),
        annotation: id,
        series: uidSchema,
        self: z.boolean().describe('Another page of the one who asks.'),
        since: time,
      }),
    )
    .describe('Pages that are open on the same study.'),
  mayEdit: z.boolean().describe('Of the pages open on one label map one may.'),
  annotation: z.object({ revision: z.int(), state: z.enum(ANNOTATION_STATES) }),
});

/** How a page stands among the others that are open on the same study. */
export type Standing = z.output<typeof standingSchema>;

/** When a label map became a draft, was handed in, signed off or sent back. */
export const historySchema = z.array(
  z.object({
    state: z.enum(ANNOTATION_STATES),
    at: time,
    by: z.string(),
    revision: z.int(),
    comment: z.string().exactOptional(),
  }),
);

export type HistoryAnswer = z.output<typeof historySchema>;

export const CONSENSUS_METHODS = ['majority', 'staple'] as const;

/** How one label map is made of those of several annotators. */
export type ConsensusMethod = (typeof CONSENSUS_METHODS)[number];

/** A SEG of the archive that was drawn on the series. */
export const foundSegmentationSchema = z.object({
  series: uidSchema,
  instance: uidSchema,
  label: z.string(),
  segments: z.array(z.string()),
  annotation: id.exactOptional().describe('Where it was handed in here.'),
});

export type FoundSegmentation = z.output<typeof foundSegmentationSchema>;

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

export type Strategy = (typeof STRATEGIES)[number];

export const nextSchema = z.object({
  strategy: z.enum(STRATEGIES),
  series: uidSchema.nullable().describe('null where all are labelled.'),
  study: uidSchema.nullable(),
  score: z.number().nullable().describe('The larger, the more there is to learn.'),
  unscored: z.int().describe('Series whose score is still being computed; of random and first 0.'),
  model: id.exactOptional().describe('Which is unsure of it.'),
});

export const MAP_METHODS = ['entropy', 'mirrors', 'models'] as const;

/** How the map of what a model is unsure of is made. */
export type MapMethod = (typeof MAP_METHODS)[number];

export const newUncertaintyMapSchema = z.object({
  series: uidSchema,
  method: z
    .enum(MAP_METHODS)
    .default('entropy')
    .describe(
      '`entropy` of the classes that the model gives; `mirrors`: of its predictions of mirror images; `models`: of what the models of the project that know the same classes predict.',
    ),
});
