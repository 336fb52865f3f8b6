import type { Readable } from 'node:stream';
import type { AcceptedContext } from '../association/accepted-context.ts';
import type { Association } from '../association/association.ts';
import type { PeerAddress } from '../association/request-association.ts';
import type { DimseOutcome } from '../dimse/status.ts';
import type { MoveOriginator } from './c-store.ts';
import type { Notification, NotificationOutcome } from './n-services.ts';
import type { SendableInstance } from './sendable-instance.ts';

interface Operation {
  readonly association: Association;
  readonly context: AcceptedContext;
  readonly sopClassUid: string;
  /** Aborted by a C-CANCEL and by the end of the association. */
  readonly signal: AbortSignal;
}

export interface StoreRequest extends Operation {
  readonly sopInstanceUid: string;
  /** Comes in as it is read, in the context's transfer syntax; fails when the association ends before its last byte. */
  readonly dataSet: Readable;
  readonly originator?: MoveOriginator;
}

export interface QueryRequest extends Operation {
  /** In the context's transfer syntax. */
  readonly identifier: Buffer;
}

export interface NotificationRequest extends Operation, Notification {}

/**
 * `afterwards` is called when the answer is sent: the place to report an event that the answer must precede. Nobody hears of its
 * failure but itself.
 */
export interface ActionAnswer extends NotificationOutcome {
  readonly afterwards?: () => Promise<unknown>;
}

/**
 * What an application does for its peers. A service without its handler is refused. What a handler throws becomes a status by its
 * code (`DISK_FULL` is out of resources), with the code as the only comment.
 */
export interface DimseHandlers {
  /** Default: success. */
  readonly onEcho?: (request: Operation) => DimseOutcome | Promise<DimseOutcome>;
  /** Resolve when the instance is safe: the answer tells the peer that it may forget its own. */
  readonly onStore?: (request: StoreRequest) => Promise<DimseOutcome>;
  /** Yields what matches, each in the context's transfer syntax; returns an outcome where it is not success. */
  readonly onFind?: (request: QueryRequest) => AsyncGenerator<Uint8Array, DimseOutcome | undefined>;
  /** What a C-MOVE or C-GET is to send, or why nothing is. */
  readonly onRetrieve?: (request: QueryRequest) => Promise<readonly SendableInstance[] | DimseOutcome>;
  /** The peer of that title, where a C-MOVE may send to. */
  readonly destinationOf?: (
    aeTitle: string,
    request: QueryRequest,
  ) => PeerAddress | undefined | Promise<PeerAddress | undefined>;
  readonly onAction?: (request: NotificationRequest) => Promise<ActionAnswer>;
  readonly onEventReport?: (request: NotificationRequest) => Promise<NotificationOutcome>;
}
