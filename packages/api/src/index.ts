export { type ApiError, apiErrorSchema, REQUEST_ERRORS, type RequestErrorCode } from './api-errors.ts';
export { type ApiClient, ApiRefusal, createClient } from './create-client.ts';
export { openApiDocument } from './openapi.ts';
export { PERMISSIONS, type Permission, ROLE_NAMES, ROLES, type Role, SERVER_WIDE } from './roles.ts';
export {
  type ApiRoute,
  ROUTES,
  type RouteAnswer,
  type RouteBody,
  type RouteName,
  type RouteQuery,
} from './routes.ts';
