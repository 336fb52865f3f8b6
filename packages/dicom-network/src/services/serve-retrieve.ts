import type { Association, IncomingRequest } from '../association/association.ts';
import { type PeerAddress, requestAssociation } from '../association/request-association.ts';
import { COMMAND_FIELD } from '../dimse/command-field.ts';
import { type DimseOutcome, outcomeOfError, STATUS, statusCategory } from '../dimse/status.ts';
import { answer } from './answer.ts';
import { cStore } from './c-store.ts';
import { writeFailedList } from './failed-list.ts';
import type { DimseHandlers, QueryRequest } from './handlers.ts';
import { contextForInstance, proposalsFor, type SendableInstance } from './sendable-instance.ts';

interface Plan {
  readonly instances: readonly SendableInstance[];
  /** Of a C-MOVE; a C-GET sends over the association it came by. */
  readonly destination?: PeerAddress;
}

/**
 * Answers a C-MOVE or a C-GET: sends instance after instance, reports after each, ends with the counts and the list of what failed.
 *
 * @source PS3.4 C.4.2, C.4.3
 */
export async function serveRetrieve(
  request: IncomingRequest,
  query: QueryRequest,
  handlers: DimseHandlers,
): Promise<void> {
  const plan = await planRetrieval(request, query, handlers).catch(outcomeOfError);
  if ('status' in plan) return answer(request, plan);
  const retrieval = new Retrieval(request, plan.instances.length);
  if (plan.destination) await moveAll(retrieval, plan.instances, plan.destination);
  else for (const instance of plan.instances) await retrieval.sendOver(request.association, instance);
  await retrieval.finish();
}

async function planRetrieval(
  { message }: IncomingRequest,
  query: QueryRequest,
  { onRetrieve, destinationOf }: DimseHandlers,
): Promise<Plan | DimseOutcome> {
  const { CommandField, MoveDestination = '' } = message.command;
  if (!onRetrieve) return { status: STATUS.UNRECOGNIZED_OPERATION };
  const isMove = CommandField === COMMAND_FIELD.C_MOVE_RQ;
  const destination = isMove ? await destinationOf?.(MoveDestination, query) : undefined;
  if (isMove && !destination) return { status: STATUS.MOVE_DESTINATION_UNKNOWN };
  const instances = await onRetrieve(query);
  if ('status' in instances) return instances;
  return destination ? { instances, destination } : { instances };
}

/** Over as many associations as the contexts need; what none of them takes has failed. */
async function moveAll(retrieval: Retrieval, instances: readonly SendableInstance[], peer: PeerAddress): Promise<void> {
  let left = instances;
  for (const contexts of proposalsFor(instances)) {
    if (retrieval.isCancelled || left.length === 0) return;
    const association = await openTo(peer, contexts, retrieval.request).catch(() => undefined);
    if (!association) continue;
    const fits = new Set(left.filter((instance) => contextForInstance(association, instance)));
    left = left.filter((instance) => !fits.has(instance));
    try {
      for (const instance of fits) await retrieval.sendOver(association, instance);
    } finally {
      await association.release();
    }
  }
  for (const instance of left) await retrieval.count(instance, undefined);
}

function openTo(
  peer: PeerAddress,
  contexts: ReturnType<typeof proposalsFor>[number],
  { association }: IncomingRequest,
): Promise<Association> {
  const onRequest = (request: IncomingRequest) => answer(request, { status: STATUS.UNRECOGNIZED_OPERATION });
  return requestAssociation({ peer, contexts, callingAeTitle: association.calledAeTitle, onRequest });
}

/** The counts of one retrieval. */
class Retrieval {
  readonly request: IncomingRequest;
  readonly #failed: string[] = [];
  #remaining: number;
  #completed = 0;
  #warning = 0;

  constructor(request: IncomingRequest, total: number) {
    this.request = request;
    this.#remaining = total;
  }

  get isCancelled(): boolean {
    return this.request.signal.aborted;
  }

  async sendOver(association: Association, instance: SendableInstance): Promise<void> {
    if (this.isCancelled) return;
    const { command } = this.request.message;
    const originator = { aeTitle: this.request.association.callingAeTitle, messageId: command.MessageID ?? 0 };
    const isMove = association !== this.request.association;
    const outcome = await cStore(association, instance, isMove ? originator : undefined).catch(() => undefined);
    await this.count(instance, outcome);
  }

  async count({ sopInstanceUid }: SendableInstance, outcome: DimseOutcome | undefined): Promise<void> {
    const category = outcome ? statusCategory(outcome.status) : 'failure';
    this.#remaining--;
    if (category === 'success') this.#completed++;
    else if (category === 'warning') this.#warning++;
    else this.#failed.push(sopInstanceUid);
    if (this.#remaining > 0) await answer(this.request, { status: STATUS.PENDING }, { command: this.#counts(true) });
  }

  async finish(): Promise<void> {
    const dataSet = writeFailedList(this.#failed, this.request.context.transferSyntax);
    await answer(this.request, { status: this.#finalStatus() }, { command: this.#counts(this.isCancelled), dataSet });
  }

  #finalStatus(): number {
    if (this.isCancelled) return STATUS.CANCEL;
    if (this.#failed.length === 0 && this.#warning === 0) return STATUS.SUCCESS;
    return this.#completed + this.#warning === 0
      ? STATUS.OUT_OF_RESOURCES_SUB_OPERATIONS
      : STATUS.WARNING_SUB_OPERATIONS_FAILED;
  }

  /** PS3.4 C.4.2.1.6: what remains is told only while something may. */
  #counts(withRemaining: boolean) {
    return {
      ...(withRemaining ? { NumberOfRemainingSuboperations: atMost16Bits(this.#remaining) } : {}),
      NumberOfCompletedSuboperations: atMost16Bits(this.#completed),
      NumberOfFailedSuboperations: atMost16Bits(this.#failed.length),
      NumberOfWarningSuboperations: atMost16Bits(this.#warning),
    };
  }
}

function atMost16Bits(count: number): number {
  return Math.min(count, 0xffff);
}
