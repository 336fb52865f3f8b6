import type { Socket } from 'node:net';
import { VesaliusError } from '@vesalius/errors';
import type { AssociateReject, AssociateRequest, Pdu } from '../pdu/pdu.ts';
import { type PduLimits, PduReader } from '../pdu/pdu-reader.ts';
import { writePdu } from '../pdu/write-pdu.ts';
import { ABORT_REASON, ACTIONS, type ActionContext, type Indication, type Occurrence } from './actions.ts';
import { actionFor, type EventName, type StateName } from './state-table.ts';

/** What stands above the upper layer. */
export interface UpperLayerUser {
  indicate(indication: Indication): void;
  /** A whole PDU came in, or the peer took what was waiting to go out. */
  progress?(): void;
}

export interface UpperLayerOptions {
  /** Acceptor: the connection that came in. Requestor: how to open one; `secureConnect` or `connect` says that it stands. */
  readonly transport: Socket | (() => { socket: Socket; openEvent: 'connect' | 'secureConnect' });
  readonly limits: PduLimits;
  /** How long a peer may take to propose, and to close after the end (PS3.8 9.1.4), in milliseconds. */
  readonly artimMs: number;
  readonly refuse?: (request: AssociateRequest) => AssociateReject | undefined;
  readonly user: UpperLayerUser;
}

const RECEIVED: Record<Pdu['type'], EventName> = {
  'A-ASSOCIATE-AC': 'Evt3',
  'A-ASSOCIATE-RJ': 'Evt4',
  'A-ASSOCIATE-RQ': 'Evt6',
  'P-DATA-TF': 'Evt10',
  'A-RELEASE-RQ': 'Evt12',
  'A-RELEASE-RP': 'Evt13',
  'A-ABORT': 'Evt16',
};

// A peer that goes on sending after the end is cut off here, before the ARTIM timer does it.
const MAX_BYTES_AFTER_END = 1 << 20;

/** The DICOM upper layer of one connection: the standard's state machine over a TCP or TLS socket. */
export class UpperLayer {
  user: UpperLayerUser;
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>;
  readonly #options: UpperLayerOptions;
  readonly #reader: PduReader;
  readonly #context: ActionContext;
  readonly #indications: Indication[] = [];
  readonly #holders = new Set<unknown>();
  readonly #closed = Promise.withResolvers<void>();
  #socket: Socket | undefined;
  #state: StateName = 'Sta1';
  #request: Pdu | undefined;
  #artim: NodeJS.Timeout | undefined;
  #isLost = false;
  #bytesAfterEnd = 0;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(options: UpperLayerOptions) {
    this.#options = options;
    this.user = options.user;
    this.closed = this.#closed.promise;
    this.#reader = new PduReader(options.limits);
    this.#context = this.#actionContext();
  }

  /** Takes the connection that came in (Evt5). */
  accept(): void {
    if (typeof this.#options.transport === 'function') return;
    this.#attach(this.#options.transport);
    this.handle('Evt5');
  }

  /** Opens a connection and proposes (Evt1). */
  request(pdu: AssociateRequest): void {
    this.#request = pdu;
    this.handle('Evt1');
  }

  get state(): StateName {
    return this.#state;
  }

  /** True while bytes wait that the peer has not taken. */
  get isBlocked(): boolean {
    return this.#socket?.writableNeedDrain ?? false;
  }

  /** Lets an event happen; false where the standard's table has no action for it in this state. */
  handle(event: EventName, occurrence: Occurrence = {}): boolean {
    const action = actionFor(event, this.#state);
    if (!action) return false;
    this.#state = ACTIONS[action](this.#context, occurrence);
    // Users act on what they hear, so they hear it only when the machine stands in its new state.
    for (let next = this.#indications.shift(); next; next = this.#indications.shift()) this.user.indicate(next);
    return true;
  }

  /** Ends the association because of what the peer sent (Evt19). */
  refusePdu(why: string, abortReason: number = ABORT_REASON.INVALID_PARAMETER): void {
    this.#isLost = true;
    this.handle('Evt19', { why, abortReason });
  }

  /** Reads no more until the same holder lets go: back-pressure. */
  hold(holder: unknown): void {
    this.#holders.add(holder);
    this.#socket?.pause();
  }

  letGo(holder: unknown): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#socket?.resume();
  }

  get isHeld(): boolean {
    return this.#holders.size > 0;
  }

  /** Resolves when more may be sent, or nothing can be sent any more. */
  async writable(): Promise<void> {
    if (!this.isBlocked) return;
    this.#drained ??= Promise.withResolvers<void>();
    await this.#drained.promise;
  }

  /** Closes at once, whatever the state. */
  destroy(): void {
    this.#stopArtim();
    this.#socket?.destroy();
  }

  #actionContext(): ActionContext {
    return {
      isRequestor: typeof this.#options.transport === 'function',
      openTransport: () => this.#open(),
      closeTransport: () => this.#close(),
      send: (pdu) => this.#send(pdu),
      startArtim: () => this.#startArtim(),
      stopArtim: () => this.#stopArtim(),
      refuse: (request) => this.#options.refuse?.(request),
      indicate: (indication) => this.#indications.push(indication),
    };
  }

  #open(): void {
    const { transport } = this.#options;
    if (typeof transport !== 'function') return;
    const { socket, openEvent } = transport();
    socket.once(openEvent, () => this.handle('Evt2', { pdu: this.#request }));
    this.#attach(socket);
  }

  #attach(socket: Socket): void {
    let why: string | undefined;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#drain());
    socket.on('error', (error) => {
      why = error.message;
    });
    socket.on('close', () => {
      this.handle('Evt17', why === undefined ? {} : { why });
      this.#stopArtim();
      this.#drained?.resolve();
      this.#closed.resolve();
    });
  }

  get #isDeaf(): boolean {
    return this.#isLost || this.#state === 'Sta1';
  }

  #receive(chunk: Buffer): void {
    if (this.#state === 'Sta13' || this.#isLost) this.#bytesAfterEnd += chunk.length;
    if (this.#bytesAfterEnd > MAX_BYTES_AFTER_END) {
      this.handle('Evt18');
      return;
    }
    if (this.#isDeaf) return;
    try {
      for (const pdu of this.#reader.read(chunk)) {
        this.handle(RECEIVED[pdu.type], { pdu });
        this.user.progress?.();
        if (this.#isDeaf) return;
      }
    } catch (error) {
      if (!(error instanceof VesaliusError) || error.code !== 'PEER_PROTOCOL') throw error;
      this.refusePdu(error.message);
    }
  }

  #send(pdu: Pdu): void {
    const socket = this.#socket;
    if (!socket?.writable) return;
    // What one turn of the event loop sends goes out in one write.
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(writePdu(pdu));
  }

  #drain(): void {
    this.user.progress?.();
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  #close(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.destroySoon();
    // A peer that never takes the last bytes would keep the socket open.
    const timer = setTimeout(() => socket.destroy(), this.#options.artimMs);
    socket.once('close', () => clearTimeout(timer));
  }

  #startArtim(): void {
    this.#stopArtim();
    this.#artim = setTimeout(() => this.handle('Evt18'), this.#options.artimMs);
    this.#holders.clear();
    this.#socket?.resume();
  }

  #stopArtim(): void {
    clearTimeout(this.#artim);
  }
}
