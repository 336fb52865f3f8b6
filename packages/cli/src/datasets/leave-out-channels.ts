import type { BundleManifest } from '@vesalius/bundle';
import { VesaliusError } from '@vesalius/errors';
import { takesMissingChannels } from '@vesalius/methods';
import type { Volume } from '@vesalius/volume';
import { emptyOn } from './read-case.ts';

/**
 * Which of a model's channels are used when some are left out by name.
 *
 * @param without - names with commas
 * @throws INVALID_ARGUMENT for names that are none, when none is left, or for a model that needs all
 */
export function channelsLeft(
  { channels, plan }: Pick<BundleManifest, 'channels' | 'plan'>,
  without: string | undefined,
): boolean[] {
  const names = channels.map(({ name }) => name);
  const away = without?.split(',').map((name) => name.trim().toLowerCase()) ?? [];
  const left = names.map((name) => !away.includes(name.toLowerCase()));
  const known = names.map((name) => name.toLowerCase());
  const fits = away.every((name) => known.includes(name)) && left.includes(true);
  if (away.length === 0 || (fits && takesMissingChannels(plan))) return left;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: '--without',
    got: without,
    expected: fits ? 'nothing: this model needs every channel' : `some of ${names.join(', ')}, but not all`,
  });
}

/** Those not left are 0 everywhere. */
export function leaveOut(channels: readonly Volume[], left: readonly boolean[]): readonly Volume[] {
  return channels.map((channel, i) => (left[i] === false ? emptyOn(channel) : channel));
}
