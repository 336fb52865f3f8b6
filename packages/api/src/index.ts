export { type ApiError, apiErrorSchema, REQUEST_ERRORS, type RequestErrorCode } from './api-errors.ts';
