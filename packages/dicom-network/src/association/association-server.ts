import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import { VesaliusError } from '@vesalius/errors';
import type { AssociateRequest, UserIdentity } from '../pdu/pdu.ts';
import { UpperLayer } from '../upper-layer/upper-layer.ts';
import { Association, type IncomingRequest } from './association.ts';
import { DEFAULT_LIMITS, type LocalLimits } from './local-limits.ts';
import { acceptance, type ContextRule, negotiate, windowFor } from './negotiate.ts';
import { type RejectionName, rejection } from './rejection.ts';
import { BCP_195 } from './tls-profile.ts';

/** Who proposes an association. */
export interface Proposer {
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  readonly remoteAddress: string;
  readonly userIdentity?: UserIdentity;
  /** Fingerprint (SHA-256) of the client's certificate where TLS asked for one and trusts it. */
  readonly certificateFingerprint?: string;
}

/** Yes, with the server's answer to the identity where one was asked for; or why not. */
export type Admission = { readonly userIdentityResponse?: Uint8Array } | RejectionName;

export interface ServerOptions {
  readonly port: number;
  /** Default: 127.0.0.1, so that nothing outside is reached by chance. */
  readonly host?: string;
  readonly rules: readonly ContextRule[];
  /** Default: any. */
  readonly aeTitle?: string;
  /** Default: any. */
  readonly callingAeTitles?: readonly string[];
  /** The last word on who may come in, after the titles. */
  readonly admit?: (proposer: Proposer) => Admission | Promise<Admission>;
  readonly onRequest: (request: IncomingRequest) => Promise<void>;
  readonly onAssociation?: (association: Association, proposer: Proposer) => void;
  /** Connections at a time, established or not; more are rejected as transient. */
  readonly maxAssociations?: number;
  /** Keys and certificates, joined to the BCP 195 profile; absent for plain TCP. */
  readonly tls?: TlsOptions;
  readonly limits?: Partial<LocalLimits>;
}

const MAX_ASSOCIATIONS = 64;
// Fragments shorter than this would cost more than they carry; no peer announces it in earnest.
const LEAST_PEER_LENGTH = 128;

/** Listens for associations and serves each; `close` aborts what is open. */
export class AssociationServer {
  readonly #options: ServerOptions;
  readonly #limits: LocalLimits;
  readonly #server: Server;
  readonly #layers = new Set<UpperLayer>();
  readonly #associations = new Set<Association>();

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    const serve = (socket: Socket) => this.#connect(socket);
    const { tls } = options;
    this.#server = tls
      ? createTlsServer({ handshakeTimeout: this.#limits.artimMs, ...BCP_195, ...tls }, serve)
      : createTcpServer(serve);
    // Beyond the associations some more may be told that there are too many.
    this.#server.maxConnections = 2 * this.#maxAssociations;
  }

  /** @throws INVALID_ARGUMENT when the port cannot be listened on */
  async listen(): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { port, host = '127.0.0.1' } = this.#options;
    // Later errors are of single connections that could not be taken: they end nothing else.
    this.#server.on('error', (cause) =>
      reject(new VesaliusError('INVALID_ARGUMENT', { what: 'port to listen on', got: `${host}:${port}`, cause })),
    );
    this.#server.listen({ port, host }, resolve);
    await promise;
    return this.#server.address() as AddressInfo;
  }

  /** Associations now open. */
  get associations(): ReadonlySet<Association> {
    return this.#associations;
  }

  /** Listens no more, aborts what is open, resolves when every connection is gone. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const association of this.#associations) association.abort();
    for (const layer of this.#layers) layer.destroy();
    await closed;
  }

  get #maxAssociations(): number {
    return this.#options.maxAssociations ?? MAX_ASSOCIATIONS;
  }

  #connect(socket: Socket): void {
    const layer: UpperLayer = new UpperLayer({
      transport: socket,
      limits: { associate: this.#limits.maxAssociateLength, data: this.#limits.maxLength },
      artimMs: this.#limits.artimMs,
      refuse: (request) => this.#refuse(request),
      user: {
        indicate: (indication) => {
          if (indication.type === 'A-ASSOCIATE-RQ') void this.#decide(layer, indication, socket);
        },
      },
    });
    this.#layers.add(layer);
    void layer.closed.then(() => this.#layers.delete(layer));
    layer.accept();
  }

  #refuse(request: AssociateRequest): ReturnType<typeof rejection> | undefined {
    if ((request.protocolVersion & 1) === 0) return rejection('PROTOCOL_VERSION_NOT_SUPPORTED');
    if (this.#layers.size > this.#maxAssociations) return rejection('LOCAL_LIMIT_EXCEEDED');
    return undefined;
  }

  async #decide(layer: UpperLayer, request: AssociateRequest, socket: Socket): Promise<void> {
    const proposer = proposerOf(request, socket);
    const admission = await this.#admit(request, proposer);
    if (typeof admission === 'string') {
      layer.handle('Evt8', { pdu: rejection(admission) });
      return;
    }
    const negotiated = negotiate(request, this.#options.rules);
    const window = windowFor(request, this.#limits.maxOperations);
    const accept = acceptance(request, negotiated, { maxLength: this.#limits.maxLength, window, ...admission });
    if (!layer.handle('Evt7', { pdu: accept })) return;
    const association = new Association({
      layer,
      isRequestor: false,
      calledAeTitle: request.calledAeTitle,
      callingAeTitle: request.callingAeTitle,
      contexts: negotiated.contexts,
      peer: request.userInformation,
      idleMs: this.#limits.idleMs,
      performs: window,
      onRequest: this.#options.onRequest,
    });
    this.#associations.add(association);
    void layer.closed.then(() => this.#associations.delete(association));
    this.#options.onAssociation?.(association, proposer);
  }

  async #admit(request: AssociateRequest, proposer: Proposer): Promise<Admission> {
    const { aeTitle, callingAeTitles, admit } = this.#options;
    const { maxLength } = request.userInformation;
    if (maxLength !== 0 && maxLength < LEAST_PEER_LENGTH) return 'NO_REASON';
    if (aeTitle !== undefined && aeTitle !== request.calledAeTitle) return 'CALLED_AE_TITLE_NOT_RECOGNIZED';
    if (callingAeTitles && !callingAeTitles.includes(request.callingAeTitle)) return 'CALLING_AE_TITLE_NOT_RECOGNIZED';
    try {
      return (await admit?.(proposer)) ?? {};
    } catch {
      return 'TEMPORARY_CONGESTION';
    }
  }
}

function proposerOf(request: AssociateRequest, socket: Socket): Proposer {
  const { calledAeTitle, callingAeTitle, userInformation } = request;
  const fingerprint =
    socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate().fingerprint256 : undefined;
  return {
    callingAeTitle,
    calledAeTitle,
    remoteAddress: socket.remoteAddress ?? '',
    ...(userInformation.userIdentity ? { userIdentity: userInformation.userIdentity } : {}),
    ...(fingerprint === undefined ? {} : { certificateFingerprint: fingerprint }),
  };
}
