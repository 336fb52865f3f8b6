import { VesaliusError } from '@vesalius/errors';
import type { Dataset, DatasetCase } from './dataset.ts';

/**
 * The cases that have a label.
 *
 * @throws DATA_MISMATCH when there are fewer than asked for
 */
export function labelledCases({ cases, root }: Dataset, fewest: number): DatasetCase[] {
  const labelled = cases.filter(({ label }) => label !== undefined);
  if (labelled.length >= fewest) return labelled;
  throw new VesaliusError('DATA_MISMATCH', {
    what: 'labelled cases',
    got: labelled.length,
    expected: `at least ${fewest}`,
    file: root,
  });
}
