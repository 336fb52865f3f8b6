import { z } from 'zod';
import { id, projectIdSchema, time, uidSchema } from '../basic-schemas.ts';

export const newTrainingSchema = z.object({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lowercase letters, digits and hyphens')
    .describe('Of the model.'),
  project: projectIdSchema,
  recipe: z.string().max(100).default('plan').describe('`plan` reads the data and plans; or the name of a recipe.'),
  interactive: z.boolean().default(false).describe('Learn to take clicks.'),
  labels: z
    .enum(['approved', 'submitted'])
    .default('approved')
    .describe('`submitted` takes those that wait for review too.'),
  series: z.array(uidSchema).max(10_000).exactOptional().describe('Only these; all that are labelled without.'),
  budgetMinutes: z.number().positive().max(10_080).exactOptional(),
  steps: z.int().positive().exactOptional().describe('Instead of a time.'),
  seed: z.int().nonnegative().default(0),
});

export type NewTraining = z.output<typeof newTrainingSchema>;

export const trainingSchema = z.object({
  id,
  name: z.string(),
  project: projectIdSchema,
  state: z.enum(['preparing', 'running', 'paused', 'succeeded', 'failed', 'stopped']),
  request: newTrainingSchema,
  progress: z.number().min(0).max(1),
  message: z.string().exactOptional(),
  secondsLeft: z.number().exactOptional(),
  cases: z.int(),
  startedBy: z.string(),
  createdAt: time,
  endedAt: time.exactOptional(),
  model: id.exactOptional().describe('What came of it.'),
  error: z.object({ code: z.string(), message: z.string() }).exactOptional(),
});

export type TrainingAnswer = z.output<typeof trainingSchema>;

/** The machine that trains, as far as a training can use it up. */
export const trainingResourcesSchema = z.object({
  cores: z.int(),
  memoryBytes: z.int().describe('Of the machine.'),
  memoryFreeBytes: z.int(),
  runBytes: z.int().describe('Log, curves, checkpoints and pictures of this training.'),
  dataBytes: z.int().describe('Its copy of the labelled series, while it trains.'),
  diskFreeBytes: z.int(),
});

export type TrainingResources = z.output<typeof trainingResourcesSchema>;

/** A curve: `loss`, `dice/validation`, ... */
export const scalarSeriesSchema = z.object({
  tag: z.string(),
  points: z.array(z.object({ step: z.int(), at: time, value: z.number() })),
});

export type ScalarSeries = z.output<typeof scalarSeriesSchema>;
