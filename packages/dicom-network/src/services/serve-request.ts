import { VesaliusError } from '@vesalius/errors';
import type { IncomingRequest } from '../association/association.ts';
import { collect } from '../dimse/collect.ts';
import { COMMAND_FIELD } from '../dimse/command-field.ts';
import { type DimseOutcome, outcomeOfError, STATUS } from '../dimse/status.ts';
import { answer } from './answer.ts';
import type { ActionAnswer, DimseHandlers, NotificationRequest, QueryRequest, StoreRequest } from './handlers.ts';
import { serveFind } from './serve-find.ts';
import { serveRetrieve } from './serve-retrieve.ts';

type Service = (request: IncomingRequest, handlers: DimseHandlers) => Promise<void>;

const SERVICES: Readonly<Record<number, Service>> = {
  [COMMAND_FIELD.C_ECHO_RQ]: async (request, { onEcho = () => ({ status: STATUS.SUCCESS }) }) =>
    answer(request, await attempt(async () => onEcho(operationOf(request)))),
  [COMMAND_FIELD.C_STORE_RQ]: async (request, { onStore }) =>
    answer(request, onStore ? await attempt(() => onStore(storeRequest(request))) : UNRECOGNIZED),
  [COMMAND_FIELD.C_FIND_RQ]: async (request, { onFind }) =>
    onFind ? serveFind(request, onFind(await queryRequest(request))) : answer(request, UNRECOGNIZED),
  [COMMAND_FIELD.C_MOVE_RQ]: async (request, handlers) => serveRetrieve(request, await queryRequest(request), handlers),
  [COMMAND_FIELD.C_GET_RQ]: async (request, handlers) => serveRetrieve(request, await queryRequest(request), handlers),
  [COMMAND_FIELD.N_ACTION_RQ]: async (request, { onAction }) => serveNotification(request, onAction),
  [COMMAND_FIELD.N_EVENT_REPORT_RQ]: async (request, { onEventReport }) => serveNotification(request, onEventReport),
};

const UNRECOGNIZED: DimseOutcome = { status: STATUS.UNRECOGNIZED_OPERATION };

/**
 * Answers one request of a peer by the application's handlers.
 *
 * @throws PEER_PROTOCOL when the request lacks what its answer needs; ASSOCIATION_ENDED
 * @source PS3.7 9.3, 10.3
 */
export function serveWith(handlers: DimseHandlers): (request: IncomingRequest) => Promise<void> {
  return async (request) => {
    const { command } = request.message;
    if (command.MessageID === undefined || command.CommandField === undefined)
      throw new VesaliusError('PEER_PROTOCOL', { what: 'request without command field or message number' });
    const service = SERVICES[command.CommandField];
    const { scu, scp } = request.context.localRoles;
    const mayAsk = command.CommandField === COMMAND_FIELD.N_EVENT_REPORT_RQ ? scu : scp;
    if (!service) await answer(request, UNRECOGNIZED);
    else if (!mayAsk) await answer(request, { status: STATUS.SOP_CLASS_NOT_SUPPORTED, comment: 'role not negotiated' });
    else await service(request, handlers);
  };
}

/** What a handler answers, or what its error says. */
async function attempt<T extends DimseOutcome>(handle: () => Promise<T>): Promise<T | DimseOutcome> {
  try {
    return await handle();
  } catch (error) {
    return outcomeOfError(error);
  }
}

function operationOf({ association, message, context, signal }: IncomingRequest) {
  const { AffectedSOPClassUID, RequestedSOPClassUID } = message.command;
  return {
    association,
    context,
    signal,
    sopClassUid: AffectedSOPClassUID ?? RequestedSOPClassUID ?? context.abstractSyntax,
  };
}

function storeRequest(request: IncomingRequest): StoreRequest {
  const { command, dataSet } = request.message;
  const { AffectedSOPInstanceUID: sopInstanceUid, MoveOriginatorApplicationEntityTitle: aeTitle } = command;
  if (!dataSet || !sopInstanceUid)
    throw new VesaliusError('DATA_MISMATCH', { what: 'C-STORE without data set or instance UID' });
  const originator = aeTitle ? { originator: { aeTitle, messageId: command.MoveOriginatorMessageID ?? 0 } } : {};
  return { ...operationOf(request), sopInstanceUid, dataSet, ...originator };
}

async function queryRequest(request: IncomingRequest): Promise<QueryRequest> {
  return { ...operationOf(request), identifier: await collect(request.message.dataSet) };
}

async function serveNotification(
  request: IncomingRequest,
  handle: ((notification: NotificationRequest) => Promise<ActionAnswer>) | undefined,
): Promise<void> {
  const outcome: ActionAnswer = handle
    ? await attempt(async () => handle(await notificationRequest(request)))
    : UNRECOGNIZED;
  await answer(request, outcome, { dataSet: outcome.information });
  void outcome.afterwards?.().catch(() => {});
}

async function notificationRequest(request: IncomingRequest): Promise<NotificationRequest> {
  const { command, dataSet } = request.message;
  const sopInstanceUid = command.RequestedSOPInstanceUID ?? command.AffectedSOPInstanceUID;
  const typeId = command.ActionTypeID ?? command.EventTypeID;
  if (sopInstanceUid === undefined || typeId === undefined)
    throw new VesaliusError('DATA_MISMATCH', { what: 'action or event without instance or type' });
  const information = dataSet ? { information: await collect(dataSet) } : {};
  return { ...operationOf(request), sopInstanceUid, typeId, ...information };
}
