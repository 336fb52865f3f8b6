export {
  type AgreementAnswer,
  type AnnotationAnswer,
  type AnnotationState,
  annotationContentSchema,
  CONSENSUS_METHODS,
  type ConsensusMethod,
  type FoundSegmentation,
  type HistoryAnswer,
  type MapMethod,
  type Standing,
  type Strategy,
} from './annotations/annotation-schemas.ts';
export { type ApiError, apiErrorSchema, REQUEST_ERRORS, type RequestErrorCode } from './api-errors.ts';
export type { ApiRoute } from './api-route.ts';
export { projectIdSchema, type SegmentLabel } from './basic-schemas.ts';
export { type ApiClient, ApiRefusal, createClient } from './create-client.ts';
export {
  type FederationAnswer,
  type FederationExchange,
  type FederationRequest,
  federationRequestSchema,
} from './federation/federation-schemas.ts';
export type { ModelAnswer, ModelComparison, ModelSource } from './models/model-schemas.ts';
export { openApiDocument } from './openapi.ts';
export { PERMISSIONS, type Permission, ROLE_NAMES, ROLES, type Role, SERVER_WIDE } from './roles.ts';
export {
  ROUTES,
  type RouteAnswer,
  type RouteBody,
  type RouteName,
  type RouteQuery,
} from './routes.ts';
export { type DeidentifyChoices, deidentifySchema } from './studies/deidentify-schema.ts';
export { exportSchema } from './studies/export-schema.ts';
export type { NewTraining, ScalarSeries, TrainingAnswer, TrainingResources } from './trainings/training-schemas.ts';
