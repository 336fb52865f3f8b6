import { VesaliusError } from '@vesalius/errors';
import { COMMAND_FIELD, RESPONSE_BIT } from '../dimse/command-field.ts';
import { type CommandSet, NO_DATA_SET, writeCommandSet } from '../dimse/command-set.ts';
import { type DimseMessage, MessageAssembler } from '../dimse/message-assembler.ts';
import type { PresentationDataValue, UserInformation } from '../pdu/pdu.ts';
import { ABORT_REASON, type Indication } from '../upper-layer/actions.ts';
import type { UpperLayer } from '../upper-layer/upper-layer.ts';
import { Watchdog } from '../upper-layer/watchdog.ts';
import type { AcceptedContext } from './accepted-context.ts';
import { Inbox } from './inbox.ts';

/** A request of the peer: answer with `association.send`; `signal` tells of a C-CANCEL and of the association's end. */
export interface IncomingRequest {
  readonly association: Association;
  readonly message: DimseMessage;
  readonly context: AcceptedContext;
  readonly signal: AbortSignal;
}

/** Whole or in parts. */
export type DataSetBytes = Uint8Array | AsyncIterable<Uint8Array>;

export interface AssociationOptions {
  readonly layer: UpperLayer;
  readonly isRequestor: boolean;
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  readonly contexts: readonly AcceptedContext[];
  readonly peer: UserInformation;
  /** Longest a peer that is waited for may do nothing, in milliseconds. */
  readonly idleMs: number;
  /** Requests of the peer that are served at a time; one without it. */
  readonly performs?: number;
  /**
   * Called with one request after another; the next waits until the promise settles, or, where several were agreed on, until the data
   * set came in whole.
   */
  readonly onRequest: (request: IncomingRequest) => Promise<void>;
}

interface Serving extends Pick<AssociationOptions, 'onRequest'> {
  readonly message: DimseMessage;
  readonly context: AcceptedContext;
}

// Peers that announce no limit get fragments of this size; others at most so much.
const MAX_SENT_LENGTH = 1 << 17;
const PDV_HEADER_LENGTH = 6;
const MAX_WAITING_MESSAGES = 16;

/** An established association of either side: messages go out, answers and requests come in, then release or abort. */
export class Association {
  readonly isRequestor: boolean;
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  readonly contexts: readonly AcceptedContext[];
  readonly peer: UserInformation;
  readonly #layer: UpperLayer;
  readonly #assembler: MessageAssembler;
  readonly #watchdog: Watchdog;
  readonly #fragmentLength: number;
  readonly #requests: Inbox<DimseMessage>;
  readonly #answers = new Map<number, Inbox<DimseMessage>>();
  readonly #cancels = new Map<number, AbortController>();
  readonly #ended = Promise.withResolvers<VesaliusError | undefined>();
  #sending: Promise<void> = Promise.resolve();
  readonly #performs: number;
  readonly #serving = new Set<Promise<void>>();
  #lastMessageId = 0;
  #end: { readonly error: VesaliusError } | undefined;

  constructor(options: AssociationOptions) {
    const { layer, peer } = options;
    this.isRequestor = options.isRequestor;
    this.calledAeTitle = options.calledAeTitle;
    this.callingAeTitle = options.callingAeTitle;
    this.contexts = options.contexts;
    this.peer = peer;
    this.#layer = layer;
    this.#performs = options.performs ?? 1;
    this.#fragmentLength = Math.min(peer.maxLength || MAX_SENT_LENGTH, MAX_SENT_LENGTH) - PDV_HEADER_LENGTH;
    this.#requests = this.#openInbox();
    this.#assembler = new MessageAssembler({
      isAccepted: (id) => this.contexts.some((context) => context.id === id),
      onMessage: (message) => this.#route(message),
      hold: () => layer.hold(this.#assembler),
      letGo: () => layer.letGo(this.#assembler),
    });
    this.#watchdog = new Watchdog({
      limitMs: options.idleMs,
      isWaiting: () => this.#isWaitingForPeer(),
      expire: () => this.#expire(options.idleMs),
    });
    layer.user = { indicate: (indication) => this.#indicate(indication), progress: () => this.#watchdog.touch() };
    void layer.closed.then(() => this.#watchdog.stop());
    void this.#serve(options.onRequest);
  }

  /** Settles with the end of the association: undefined after an orderly release, else why it broke. */
  get ended(): Promise<VesaliusError | undefined> {
    return this.#ended.promise;
  }

  /** Requests of the own side that the peer takes at a time, where it was the requestor and asked; 0 is without limit. */
  get window(): number {
    return this.isRequestor ? (this.peer.asyncOperations?.invoked ?? 1) : 1;
  }

  /** The context for a service in which the own side plays this part; the first that `fits` where several were agreed on. */
  contextFor(
    abstractSyntax: string,
    role: 'scu' | 'scp' = 'scu',
    fits: (context: AcceptedContext) => boolean = () => true,
  ): AcceptedContext | undefined {
    return this.contexts.find(
      (context) => context.abstractSyntax === abstractSyntax && context.localRoles[role] && fits(context),
    );
  }

  /**
   * Sends one message; messages never mix. Resolves when the last byte is handed to the socket.
   *
   * @throws ASSOCIATION_ENDED when the association is over
   */
  async send(contextId: number, command: CommandSet, dataSet?: DataSetBytes): Promise<void> {
    const before = this.#sending;
    const done = Promise.withResolvers<void>();
    this.#sending = done.promise;
    await before;
    try {
      const bytes = writeCommandSet({ ...command, CommandDataSetType: dataSet ? 1 : NO_DATA_SET });
      await this.#sendFragments(contextId, true, bytes);
      if (dataSet) await this.#sendFragments(contextId, false, dataSet);
    } catch (cause) {
      // Half a message cannot be taken back.
      this.abort(
        new VesaliusError('ASSOCIATION_ENDED', { what: 'data set that was being sent cannot be read', cause }),
      );
      throw cause;
    } finally {
      this.#watchdog.touch();
      done.resolve();
    }
  }

  /**
   * Sends a request and gives its responses, the last one with a status that is not pending. Leaving early sends a C-CANCEL.
   *
   * @throws ASSOCIATION_ENDED when the association ends before the last response
   */
  async *request(contextId: number, command: CommandSet, dataSet?: DataSetBytes): AsyncGenerator<DimseMessage, void> {
    const id = this.#nextMessageId();
    const inbox = this.#openInbox();
    this.#answers.set(id, inbox);
    let isFinal = false;
    try {
      await this.send(contextId, { ...command, MessageID: id }, dataSet);
      while (!isFinal) {
        const message = await inbox.next();
        isFinal = (message.command.Status ?? 0) >> 8 !== 0xff;
        yield message;
      }
    } finally {
      if (isFinal || this.#end) this.#answers.delete(id);
      else void this.#cancel(contextId, id, inbox);
    }
  }

  /** Ends the association in order, after the answer to a request that is being served; resolves when the connection is closed. */
  async release(): Promise<void> {
    await Promise.all(this.#serving);
    await this.#sending;
    if (!this.#layer.handle('Evt11')) this.abort();
    await this.#layer.closed;
  }

  /** Breaks the association off. */
  abort(error = new VesaliusError('ASSOCIATION_ENDED', { what: 'association aborted by the own side' })): void {
    this.#finish(error, false);
    this.#layer.handle('Evt15', { pdu: { type: 'A-ABORT', source: 0, reason: 0 } });
  }

  async #sendFragments(contextId: number, isCommand: boolean, bytes: DataSetBytes): Promise<void> {
    // One fragment behind, because only the last one is marked.
    let waiting: Uint8Array = Buffer.alloc(0);
    for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      for (let at = 0; at < chunk.length; ) {
        if (waiting.length === this.#fragmentLength) {
          await this.#sendFragment(contextId, isCommand, waiting);
          waiting = Buffer.alloc(0);
        }
        const piece = chunk.subarray(at, at + this.#fragmentLength - waiting.length);
        waiting = waiting.length === 0 ? piece : Buffer.concat([waiting, piece]);
        at += piece.length;
      }
    }
    await this.#sendFragment(contextId, isCommand, waiting, true);
  }

  async #sendFragment(contextId: number, isCommand: boolean, data: Uint8Array, isLast = false): Promise<void> {
    const pdu = { type: 'P-DATA-TF', values: [{ contextId, isCommand, isLast, data }] } as const;
    if (!this.#layer.handle('Evt9', { pdu })) throw this.#end?.error ?? endedError('released');
    await this.#layer.writable();
  }

  #nextMessageId(): number {
    do this.#lastMessageId = (this.#lastMessageId % 0xffff) + 1;
    while (this.#answers.has(this.#lastMessageId));
    return this.#lastMessageId;
  }

  async #cancel(contextId: number, id: number, inbox: Inbox<DimseMessage>): Promise<void> {
    try {
      await this.send(contextId, { CommandField: COMMAND_FIELD.C_CANCEL_RQ, MessageIDBeingRespondedTo: id });
      for (let status = 0xff00; status >> 8 === 0xff; ) {
        const { command, dataSet } = await inbox.next();
        dataSet?.destroy();
        status = command.Status ?? 0;
      }
    } catch {
      // The association ended first, which `ended` tells.
    } finally {
      this.#answers.delete(id);
    }
  }

  #openInbox(): Inbox<DimseMessage> {
    const holder = {};
    return new Inbox((size) => {
      if (size >= MAX_WAITING_MESSAGES) this.#layer.hold(holder);
      else this.#layer.letGo(holder);
    });
  }

  #route(message: DimseMessage): void {
    const { CommandField: field = 0, MessageIDBeingRespondedTo: answered = -1, MessageID: id = -1 } = message.command;
    if (field & RESPONSE_BIT) {
      const inbox = this.#answers.get(answered);
      if (inbox) inbox.put(message);
      else message.dataSet?.destroy();
    } else if (field === COMMAND_FIELD.C_CANCEL_RQ) {
      this.#cancels.get(answered)?.abort();
    } else {
      this.#cancels.set(id, new AbortController());
      this.#requests.put(message);
    }
  }

  async #serve(onRequest: AssociationOptions['onRequest']): Promise<void> {
    while (!this.#end) {
      const message = await this.#requests.next().catch(() => undefined);
      const context = this.contexts.find(({ id }) => id === message?.contextId);
      if (!message || !context) return;
      const serving = this.#serveOne({ message, context, onRequest });
      this.#serving.add(serving);
      void serving.then(() => this.#serving.delete(serving));
      // The next request comes in behind the data set of this one in any case.
      await message.whole;
      if (this.#serving.size >= this.#performs) await Promise.race(this.#serving);
    }
  }

  async #serveOne({ message, context, onRequest }: Serving): Promise<void> {
    const id = message.command.MessageID ?? -1;
    const signal = this.#cancels.get(id)?.signal ?? AbortSignal.abort();
    try {
      await onRequest({ association: this, message, context, signal });
    } catch (cause) {
      this.abort(new VesaliusError('ASSOCIATION_ENDED', { what: 'answering a request failed', cause }));
    }
    this.#cancels.delete(id);
    this.#watchdog.touch();
  }

  #isWaitingForPeer(): boolean {
    if (this.#layer.isBlocked || this.#layer.state !== 'Sta6') return true;
    if (this.#layer.isHeld) return false;
    if (this.#answers.size > 0 || this.#assembler.isInsideMessage) return true;
    return !this.isRequestor && this.#cancels.size === 0;
  }

  #expire(idleMs: number): void {
    this.abort(new VesaliusError('PEER_TIMEOUT', { what: 'peer of an association', got: `nothing for ${idleMs} ms` }));
  }

  #indicate(indication: Indication): void {
    if (indication.type === 'P-DATA-TF') this.#takeData(indication.values);
    else this.#finish(endedError(reasonOf(indication)), indication.type.startsWith('A-RELEASE'));
    // After a collision the acceptor answers after the peer's answer (AR-10, AR-4); in other states nobody asked (table 9-10).
    if (indication.type.startsWith('A-RELEASE')) this.#layer.handle('Evt14');
  }

  #takeData(values: readonly PresentationDataValue[]): void {
    try {
      for (const value of values) this.#assembler.take(value);
    } catch (error) {
      if (!(error instanceof VesaliusError)) throw error;
      this.#layer.refusePdu(error.message, ABORT_REASON.INVALID_PARAMETER);
    }
  }

  #finish(error: VesaliusError, isOrderly: boolean): void {
    if (this.#end) return;
    this.#end = { error };
    this.#assembler.fail(error);
    this.#requests.fail(error);
    for (const inbox of this.#answers.values()) inbox.fail(error);
    for (const cancel of this.#cancels.values()) cancel.abort(error);
    const wasBusy = this.#answers.size > 0 || this.#cancels.size > 0;
    this.#ended.resolve(isOrderly && !wasBusy ? undefined : error);
  }
}

function reasonOf(indication: Indication): string {
  if (indication.type === 'A-ABORT')
    return `aborted by the peer, source ${indication.source}, reason ${indication.reason}`;
  if (indication.type === 'A-P-ABORT') return indication.why;
  return indication.type === 'A-RELEASE-RQ' ? 'released by the peer' : 'released';
}

function endedError(why: string): VesaliusError {
  return new VesaliusError('ASSOCIATION_ENDED', { what: 'association', got: why });
}
