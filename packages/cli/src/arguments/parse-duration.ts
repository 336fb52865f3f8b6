import { VesaliusError } from '@vesalius/errors';

const SECONDS = { '': 1, s: 1, m: 60, min: 60, h: 3600, d: 86400 } as const;

/**
 * `90s`, `10m`, `1.5h`, `1h30m`, or plain seconds, as seconds.
 *
 * @throws INVALID_ARGUMENT for anything else, and for no time at all
 */
export function parseDuration(text: string, what: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(s|min|m|h|d|)/g)];
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * SECONDS[unit as keyof typeof SECONDS],
    0,
  );
  if (parts.map(([part]) => part).join('') === text && seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new VesaliusError('INVALID_ARGUMENT', { what, got: text, expected: 'a time such as 90s, 10m or 1.5h' });
}
