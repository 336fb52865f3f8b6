import { type ErrorCode, type ErrorDetails, VesaliusError } from '@vesalius/errors';

/** An error about a file that may have no name, such as bytes that came over a connection. */
export function fileError(
  code: ErrorCode,
  details: Omit<ErrorDetails, 'file'>,
  file: string | undefined,
): VesaliusError {
  return new VesaliusError(code, file === undefined ? details : { ...details, file });
}
