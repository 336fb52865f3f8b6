import { z } from 'zod';

const pixels = z.int().nonnegative().max(65_535);

/** The Basic Profile of PS3.15 annex E, less what its options keep. */
export const deidentifySchema = z.object({
  dates: z.enum(['remove', 'shift', 'keep']).default('remove').describe('`shift`: by the same days for each patient.'),
  keep: z.array(z.enum(['uids', 'device', 'institution', 'patient characteristics'])).default([]),
  clean: z
    .array(z.enum(['descriptions', 'reports', 'graphics']))
    .default([])
    .describe('Kept without what tells who the patient is, instead of removed.'),
  safePrivate: z.array(z.string().min(1).max(64)).max(100).default([]).describe('Private creators known to be safe.'),
  blackOut: z
    .array(z.object({ left: pixels, top: pixels, width: pixels, height: pixels }))
    .max(100)
    .default([])
    .describe('Regions of every frame.'),
});

export type DeidentifyChoices = z.output<typeof deidentifySchema>;
