import { VesaliusError } from '@vesalius/errors';

/** @throws INVALID_ARGUMENT where a command would write over what it reads: paths made whole before */
export function assertOtherPlace(input: string, output: string): void {
  if (input !== output) return;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: 'place to write to',
    got: 'the place that is read',
    expected: 'another',
    file: output,
  });
}
