import { VesaliusError } from '@vesalius/errors';
import type { Dataset } from '../dataset.ts';

/** Which channels are looked for, and whether a case may lack some. */
export interface ChannelRules {
  readonly channels?: Dataset['channels'];
  readonly missing?: boolean;
}

interface ChannelFiles {
  readonly id: string;
  /** Files by the channel's name. */
  readonly files: ReadonlyMap<string, string>;
  /** Folder that the files lie in. */
  readonly place: string;
}

/**
 * The file of every channel, `null` for one that is missing where that is allowed. Large and small letters are the same.
 *
 * @throws DATA_MISMATCH for a case without some channel, or without any
 */
export function filesOfChannels(
  { id, files, place }: ChannelFiles,
  { channels, missing = false }: ChannelRules & Required<Pick<ChannelRules, 'channels'>>,
): (string | null)[] {
  const byName = new Map([...files].map(([name, file]) => [name.toLowerCase(), file]));
  const found = channels.map(({ name }) => byName.get(name.toLowerCase()) ?? null);
  if (found.some((file) => file !== null) && (missing || !found.includes(null))) return found;
  const names = channels.map(({ name }) => name);
  throw new VesaliusError('DATA_MISMATCH', {
    what: `modalities of case ${id}`,
    got: [...files.keys()].toSorted(),
    expected: missing ? `some of ${names.join(', ')}` : names,
    file: place,
  });
}
