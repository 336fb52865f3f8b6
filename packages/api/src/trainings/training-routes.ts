import { z } from 'zod';
import type { ApiRoute } from '../api-route.ts';
import { newTrainingSchema, scalarSeriesSchema, trainingResourcesSchema, trainingSchema } from './training-schemas.ts';

/**
 * Trainings on the labelled series of a project. Besides these: `/api/trainings/{training}/events` tells changes as server-sent events,
 * `/api/trainings/{training}/files/{path}` gives log, event files and pictures.
 */
export const TRAINING_ROUTES = {
  listTrainings: {
    method: 'GET',
    path: '/api/trainings',
    access: 'archive.read',
    summary: 'Trainings, newest first.',
    answer: z.array(trainingSchema),
  },
  startTraining: {
    method: 'POST',
    path: '/api/trainings',
    access: 'train',
    summary: 'Trains on the labelled series of a project.',
    body: newTrainingSchema,
    answer: trainingSchema,
  },
  getTraining: {
    method: 'GET',
    path: '/api/trainings/:training',
    access: 'archive.read',
    summary: 'One training.',
    answer: trainingSchema,
  },
  pauseTraining: {
    method: 'POST',
    path: '/api/trainings/:training/pause',
    access: 'train',
    summary: 'Saves and stops; it goes on where it was.',
    answer: z.void(),
  },
  resumeTraining: {
    method: 'POST',
    path: '/api/trainings/:training/resume',
    access: 'train',
    summary: 'Goes on where it was paused.',
    answer: z.void(),
  },
  stopTraining: {
    method: 'POST',
    path: '/api/trainings/:training/stop',
    access: 'train',
    summary: 'Stops for good.',
    answer: z.void(),
  },
  removeTraining: {
    method: 'DELETE',
    path: '/api/trainings/:training',
    access: 'train',
    summary: 'Removes a training that has ended, with its files; its model stays.',
    answer: z.void(),
  },
  getResources: {
    method: 'GET',
    path: '/api/trainings/:training/resources',
    access: 'archive.read',
    summary:
      'What it takes of the disk and what the machine has left; processor and memory over time are among its curves.',
    answer: trainingResourcesSchema,
  },
  getScalars: {
    method: 'GET',
    path: '/api/trainings/:training/scalars',
    access: 'archive.read',
    summary: 'Its curves.',
    answer: z.array(scalarSeriesSchema),
  },
} as const satisfies Record<string, ApiRoute>;
