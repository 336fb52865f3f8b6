import { z } from 'zod';

export const time = z.iso.datetime();
export const id = z.string().min(1).max(100);
/** Of DICOM: PS3.5 9.1. */
export const uidSchema = z
  .string()
  .max(64)
  .regex(/^[0-9.]+$/, 'digits and dots');

export const projectIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lowercase letters, digits and hyphens')
  .describe('Stands in addresses: /projects/{project}/dicom-web.');

/** A class of a label map: its number, its name, what it means. */
export const segmentLabelSchema = z.object({
  value: z.int().min(1).max(255).describe('In label maps; 0 is background.'),
  name: z.string().min(1).max(64),
  color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/, '#rrggbb')
    .describe('On the screen and in the SEG.'),
  category: z.lazy(() => codeSchema).exactOptional(),
  type: z.lazy(() => codeSchema).exactOptional(),
});

/** PS3.3 8.8: SNOMED CT and others. */
const codeSchema = z.object({
  value: z.string().min(1).max(64),
  scheme: z.string().min(1).max(16),
  meaning: z.string().min(1).max(64),
});

export type SegmentLabel = z.output<typeof segmentLabelSchema>;
