export { ERROR_CODES, type ErrorCode } from './error-codes.ts';
export { type ErrorDetails, VesaliusError } from './vesalius-error.ts';
