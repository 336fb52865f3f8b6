import type { SegmentLabel } from '@vesalius/api';
import { colorOf } from './colors.ts';

/** Of a class that nobody has named. */
export const FIRST_NAME = 'Structure';

/** Where neither the draft nor its project has any. */
export const FIRST_LABELS: readonly SegmentLabel[] = [{ value: 1, name: FIRST_NAME, color: colorOf(0) }];
