import { VesaliusError } from '@vesalius/errors';

/** A port could not be listened on. */
export function portError(cause: unknown, address: string, expected: string): VesaliusError {
  const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
  return new VesaliusError('INVALID_ARGUMENT', {
    what: 'port to listen on',
    got: `${address}${taken ? ', where another program listens' : ''}`,
    ...(taken && { expected }),
    cause,
  });
}
