import { Readable } from 'node:stream';
import { VesaliusError } from '@vesalius/errors';
import type { PresentationDataValue } from '../pdu/pdu.ts';
import { type CommandSet, NO_DATA_SET, parseCommandSet } from './command-set.ts';

/** A command set, and the data set as it comes in where the command announces one. */
export interface DimseMessage {
  readonly contextId: number;
  readonly command: CommandSet;
  readonly dataSet?: Readable;
  /** With a data set: resolves when its last fragment came in, or none will come any more. */
  readonly whole?: Promise<void>;
}

export interface AssemblerOptions {
  readonly isAccepted: (contextId: number) => boolean;
  /** Called when the command set is whole; its data set may still be coming. */
  readonly onMessage: (message: DimseMessage) => void;
  /** Back-pressure: a reader of a data set is slow, or has caught up. */
  readonly hold: () => void;
  readonly letGo: () => void;
}

const MAX_COMMAND_LENGTH = 1 << 16;
const HELD_BYTES_PER_DATA_SET = 1 << 18;

interface DataSetInFlight {
  readonly contextId: number;
  readonly stream: Readable;
  readonly finish: () => void;
}

interface Command {
  readonly contextId: number;
  readonly fragments: Uint8Array[];
  length: number;
}

/**
 * Puts the fragments of an association together to messages. A data set is never held whole: it flows through a `Readable`, whose
 * slowness holds the connection.
 *
 * @source PS3.7 annex E, PS3.8 annex E
 */
export class MessageAssembler {
  readonly #options: AssemblerOptions;
  #command: Command | undefined;
  #dataSet: DataSetInFlight | undefined;

  constructor(options: AssemblerOptions) {
    this.#options = options;
  }

  /** True between the first and the last fragment of a message. */
  get isInsideMessage(): boolean {
    return this.#command !== undefined || this.#dataSet !== undefined;
  }

  /** @throws PEER_PROTOCOL when the fragment is none that may come now */
  take({ contextId, isCommand, isLast, data }: PresentationDataValue): void {
    if (!this.#options.isAccepted(contextId)) refuse('presentation context of a fragment', contextId);
    if (isCommand) this.#takeCommand(contextId, data, isLast);
    else this.#takeData(contextId, data, isLast);
  }

  /** Ends a data set that will not become whole: its reader gets the error. */
  fail(error: VesaliusError): void {
    this.#dataSet?.stream.destroy(error);
    this.#dataSet?.finish();
    this.#dataSet = undefined;
  }

  #takeCommand(contextId: number, data: Uint8Array, isLast: boolean): void {
    if (this.#dataSet) refuse('command within a data set', contextId);
    this.#command ??= { contextId, fragments: [], length: 0 };
    const command = this.#command;
    if (command.contextId !== contextId) refuse('presentation context of a command', contextId);
    command.length += data.length;
    if (command.length > MAX_COMMAND_LENGTH) refuse('length of a command set', command.length);
    if (data.length > 0) command.fragments.push(data);
    if (isLast) this.#finishCommand(command);
  }

  #finishCommand({ contextId, fragments }: Command): void {
    this.#command = undefined;
    const command = parseCommandSet(Buffer.concat(fragments));
    if (command.CommandDataSetType === NO_DATA_SET) {
      this.#options.onMessage({ contextId, command });
      return;
    }
    const stream = this.#openStream();
    const { promise: whole, resolve: finish } = Promise.withResolvers<void>();
    this.#dataSet = { contextId, stream, finish };
    this.#options.onMessage({ contextId, command, dataSet: stream, whole });
  }

  #takeData(contextId: number, data: Uint8Array, isLast: boolean): void {
    const dataSet = this.#dataSet;
    if (!dataSet || dataSet.contextId !== contextId) refuse('data without a command', contextId);
    if (data.length > 0 && !dataSet.stream.destroyed && !dataSet.stream.push(data)) this.#options.hold();
    if (!isLast) return;
    dataSet.stream.push(null);
    dataSet.finish();
    this.#dataSet = undefined;
  }

  #openStream(): Readable {
    const { letGo } = this.#options;
    const stream = new Readable({
      highWaterMark: HELD_BYTES_PER_DATA_SET,
      read: () => letGo(),
      destroy: (error, done) => {
        letGo();
        done(error);
      },
    });
    // Without a listener, an error that nobody reads would end the process.
    stream.on('error', () => {});
    return stream;
  }
}

function refuse(what: string, got: number): never {
  throw new VesaliusError('PEER_PROTOCOL', { what, got });
}
