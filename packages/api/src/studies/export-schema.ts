import { z } from 'zod';
import { uidSchema } from '../basic-schemas.ts';
import { deidentifySchema } from './deidentify-schema.ts';

/** What `POST /api/exports` takes; it answers a zip. */
export const exportSchema = z.strictObject({
  studies: z.array(uidSchema).min(1).max(10_000),
  deidentify: deidentifySchema.exactOptional().describe('As they are without it.'),
});
