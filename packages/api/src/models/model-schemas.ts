import { z } from 'zod';
import { id, projectIdSchema, segmentLabelSchema, time, uidSchema } from '../basic-schemas.ts';

const metricSchema = z.object({
  name: z.string().describe('`dice`, `hd95`'),
  className: z.string().exactOptional().describe('Absent for the mean over classes.'),
  estimate: z.number(),
  low: z.number(),
  high: z.number(),
  confidence: z.number(),
  cases: z.int(),
});

/** A bundle of the registry. */
export const modelSchema = z.object({
  id: id.describe('Stands in addresses: name and a number.'),
  name: z.string(),
  version: z.string(),
  project: projectIdSchema,
  createdAt: time,
  addedAt: time,
  channels: z.array(z.string()),
  labels: z.array(segmentLabelSchema),
  interactive: z.boolean().describe('Takes clicks and what they correct.'),
  explains: z.enum(['gates', 'modalities']).exactOptional().describe('What it can show of how it comes to an answer.'),
  dimensions: z.union([z.literal(2), z.literal(3)]),
  metrics: z.array(metricSchema),
  gate: z
    .object({ metric: z.string(), atLeast: z.number(), reached: z.boolean() })
    .exactOptional()
    .describe('Below it the model may not be published.'),
  training: id.exactOptional().describe('The training it came from.'),
  trainedOn: z
    .object({
      studies: z.int(),
      series: z.int(),
      validationSeries: z.int(),
      annotatorSeconds: z
        .number()
        .describe('At work on the label maps that it was trained on; validation not counted.'),
    })
    .exactOptional()
    .describe('Of the archive; absent for a bundle that came from elsewhere.'),
  parent: z.string().exactOptional().describe('The model it was adapted from.'),
  bytes: z.int(),
  signedBy: z.string().describe('Fingerprint of the key.'),
});

export type ModelAnswer = z.output<typeof modelSchema>;

/** A prediction of one series; the answer is a job whose result names what was stored. */
export const newPredictionSchema = z.object({
  series: z
    .array(
      z.union([
        uidSchema,
        z.strictObject({
          series: uidSchema.describe('On whose grid the label map lies.'),
          channels: z
            .array(uidSchema)
            .min(1)
            .max(16)
            .describe('A series of the same study for each channel of the model.'),
        }),
      ]),
    )
    .min(1)
    .max(1000)
    .describe('One job each; a series alone for a model of one channel.'),
  keep: z
    .enum(['draft', 'segmentation', 'explanation'])
    .default('draft')
    .describe(
      'As a draft to correct, as a SEG in the archive at once, or instead of an answer what the model weighed, as parametric maps.',
    ),
});

/** A label map that a model learned from, or was measured on. */
export const modelSourceSchema = z.object({
  case: z.string().describe('Its name in the bundle.'),
  use: z.enum(['training', 'validation']),
  annotation: id,
  revision: z.int(),
  study: uidSchema,
  series: uidSchema,
  secondsSpent: z.number(),
});

export type ModelSource = z.output<typeof modelSourceSchema>;

/** Two models on the validation cases that both know. */
export const modelComparisonSchema = z.object({
  matchedBy: z.enum(['series', 'name']).describe('By name where one of them came from elsewhere.'),
  cases: z.array(z.object({ case: z.string(), first: z.number(), second: z.number() })).describe('Mean Dice.'),
  difference: z
    .object({ estimate: z.number(), low: z.number(), high: z.number() })
    .exactOptional()
    .describe('Second less first, mean over cases, 95 % interval.'),
});

export type ModelComparison = z.output<typeof modelComparisonSchema>;

/** Events of a profile as onnxruntime writes them. */
export const operationTimesSchema = z.array(
  z.object({
    cat: z.string(),
    name: z.string().describe('Node of the model and `_kernel_time`.'),
    dur: z.number().describe('Microseconds.'),
    args: z.object({ op_name: z.string(), provider: z.string() }),
  }),
);

export const modelFileSchema = z.object({ path: z.string(), bytes: z.int() });
