import { existsSync } from 'node:fs';
import { VesaliusError } from '@vesalius/errors';

/** The folder of real data, from `VESALIUS_DATA`. */
export function dataFolder(): string {
  const folder = process.env['VESALIUS_DATA'];
  if (folder && existsSync(folder)) return folder;
  throw new VesaliusError('FILE_NOT_FOUND', {
    what: 'real data',
    got: folder ?? 'no VESALIUS_DATA',
    expected: 'VESALIUS_DATA set to the data folder',
  });
}
