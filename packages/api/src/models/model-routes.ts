import { z } from 'zod';
import type { ApiRoute } from '../api-route.ts';
import { id, uidSchema } from '../basic-schemas.ts';
import {
  modelComparisonSchema,
  modelFileSchema,
  modelSchema,
  modelSourceSchema,
  newPredictionSchema,
  operationTimesSchema,
} from './model-schemas.ts';

/**
 * The registry of models. Besides these: `PUT /api/models` takes a bundle as a zip, `GET /api/models/{model}/files/{path}` gives a file of it,
 * and `POST /api/models/{model}/interaction` answers clicks with a label map.
 */
export const MODEL_ROUTES = {
  listModels: {
    method: 'GET',
    path: '/api/models',
    access: 'archive.read',
    summary: 'Every model, newest first.',
    answer: z.array(modelSchema),
  },
  getModel: {
    method: 'GET',
    path: '/api/models/:model',
    access: 'archive.read',
    summary: 'One model.',
    answer: modelSchema,
  },
  listModelSources: {
    method: 'GET',
    path: '/api/models/:model/sources',
    access: 'archive.read',
    summary: 'The label maps of the archive that it learned from or was measured on.',
    answer: z.array(modelSourceSchema),
  },
  compareModels: {
    method: 'GET',
    path: '/api/models/:model/comparison',
    access: 'archive.read',
    summary: 'Two models case by case.',
    query: z.object({ with: id }),
    answer: modelComparisonSchema,
  },
  readyModel: {
    method: 'POST',
    path: '/api/models/:model/readiness',
    access: 'annotate',
    summary: 'Opens a model, and reads a series, before somebody asks for an answer.',
    body: z.object({ series: uidSchema }),
    answer: z.void(),
  },
  profileModel: {
    method: 'GET',
    path: '/api/models/:model/profile',
    access: 'annotate',
    summary: "Measures the time of each operation on the server's machine.",
    answer: operationTimesSchema,
  },
  listModelFiles: {
    method: 'GET',
    path: '/api/models/:model/files',
    access: 'archive.read',
    summary: 'The files of its bundle.',
    answer: z.array(modelFileSchema),
  },
  removeModel: {
    method: 'DELETE',
    path: '/api/models/:model',
    access: 'train',
    summary: 'Removes a model; what it predicted stays.',
    answer: z.void(),
  },
  predict: {
    method: 'POST',
    path: '/api/models/:model/predictions',
    access: 'annotate',
    summary: 'Predicts series, a job each.',
    body: newPredictionSchema,
    answer: z.object({ jobs: z.array(id) }),
  },
} as const satisfies Record<string, ApiRoute>;
