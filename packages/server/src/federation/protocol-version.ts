import { Code, ConnectError } from '@connectrpc/connect';

/** Of the messages: see federation.proto for what each minor version added. */
export const PROTOCOL = { major: 1, minor: 1 };

/** @throws ConnectError for a peer that is too old, or of another major version */
export function demandVersion(peer: { readonly major: number; readonly minor: number } | undefined): string {
  const { major = 0, minor = 0 } = peer ?? {};
  if (major !== PROTOCOL.major || minor < PROTOCOL.minor - 1)
    throw new ConnectError(
      `version ${major}.${minor}, expected ${PROTOCOL.major}.${PROTOCOL.minor - 1} or newer`,
      Code.FailedPrecondition,
    );
  return `${major}.${minor}`;
}
