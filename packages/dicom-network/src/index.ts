export type { AcceptedContext } from './association/accepted-context.ts';
export type { Association, DataSetBytes, IncomingRequest } from './association/association.ts';
export {
  type Admission,
  AssociationServer,
  type Proposer,
  type ServerOptions,
} from './association/association-server.ts';
export type { LocalLimits } from './association/local-limits.ts';
export type { ContextRule } from './association/negotiate.ts';
export type { RejectionName } from './association/rejection.ts';
export {
  type ContextProposal,
  type PeerAddress,
  type RequestOptions,
  requestAssociation,
} from './association/request-association.ts';
export { type DimseOutcome, STATUS, type StatusCategory, statusCategory } from './dimse/status.ts';
export { IDENTITY_TYPE, type UserIdentity } from './pdu/pdu.ts';
export { cEcho } from './services/c-echo.ts';
export { cFind, type Query } from './services/c-find.ts';
export { cGet, cMove, type RetrieveProgress } from './services/c-retrieve.ts';
export { cStore, type MoveOriginator } from './services/c-store.ts';
export type {
  ActionAnswer,
  DimseHandlers,
  NotificationRequest,
  QueryRequest,
  StoreRequest,
} from './services/handlers.ts';
export { type Notification, type NotificationOutcome, nAction, nEventReport } from './services/n-services.ts';
export { proposalsFor, type SendableInstance } from './services/sendable-instance.ts';
export { serveWith } from './services/serve-request.ts';
export {
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  isStorageClass,
  QUERY_RETRIEVE,
  STORAGE_COMMITMENT,
  STORAGE_COMMITMENT_INSTANCE,
  VERIFICATION,
} from './services/sop-classes.ts';
