import { resolve } from 'node:path';
import { type PartialSettings, readSettings, type Settings } from '@vesalius/server';
import type { OptionValues } from '../arguments/option.ts';
import type { SERVER_OPTIONS } from './server-options.ts';

/** The settings that options, environment and file name; the data folder as a whole path. */
export function readServerSettings(
  {
    data,
    settings: file = process.env['VESALIUS_SETTINGS'],
  }: Pick<OptionValues<typeof SERVER_OPTIONS>, 'data' | 'settings'>,
  cwd: string,
  given: PartialSettings = {},
): Settings {
  const settings = readSettings({
    file: file === undefined ? undefined : resolve(cwd, file),
    environment: process.env,
    given: { ...given, ...(data === undefined ? {} : { dataFolder: data }) },
  });
  return { ...settings, dataFolder: resolve(cwd, settings.dataFolder) };
}
