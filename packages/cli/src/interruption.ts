import { VesaliusError } from '@vesalius/errors';

/** @throws INTERRUPTED once the signal is given */
export function stopIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new VesaliusError('INTERRUPTED', { what: 'stopped at your request' });
}
