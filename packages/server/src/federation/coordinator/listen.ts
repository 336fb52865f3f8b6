import { constants } from 'node:crypto';
import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type ConnectRouter, createContextKey, createContextValues } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { portError } from '../../port-error.ts';
import type { KeyAndCertificate } from '../certificates/authority.ts';

/** Who is at the other end of a connection, as TLS knows it. */
export interface Peer {
  readonly address: string;
  /** sha256 of a certificate that our authority signed and that has not ended, hex. */
  readonly fingerprint?: string;
  /** A certificate came, but not one of ours. */
  readonly isImpostor: boolean;
}

export const PEER = createContextKey<Peer>({ address: '', isImpostor: false });

/** Bytes that a connection moved since it was asked last, with TLS and HTTP/2. */
export interface Meter {
  taken(fingerprint: string, bytes: { readonly up: number; readonly down: number }): void;
}

interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly authority: string;
  readonly own: KeyAndCertificate;
  readonly routes: (router: ConnectRouter) => void;
  readonly meter: Meter;
  /** Of what is turned away before any method hears of it. */
  readonly refused: (peer: Peer, what: string) => void;
  /** Of one message: more is refused before it is kept. */
  readonly messageBytes: number;
}

export interface FederationListener {
  readonly port: number;
  /** Ends the connections of a certificate that was taken back. */
  cutOff(fingerprint: string): void;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 2000;
const STREAMS_AT_ONCE = 16;
const SILENT_MS = 120_000;
const HANDSHAKE_MS = 10_000;
/** Of a connection without a certificate of ours: enough to join. */
const STRANGER_BYTES = 1 << 18;
const LOOK_MS = 100;
/** HTTP's word for a message that is larger than `messageBytes`. */
const TOO_LARGE = 429;

/** One port for all sites: TLS 1.3, HTTP/2, certificates of our own authority; who has none may only join. */
export async function listenForSites(options: ListenOptions): Promise<FederationListener> {
  const { own, authority, routes, messageBytes, host, port, refused } = options;
  const metered = new MeteredSockets(options.meter, refused);
  const answer = connectNodeAdapter({
    routes,
    grpc: false,
    grpcWeb: false,
    readMaxBytes: messageBytes,
    contextValues: ({ socket }) => createContextValues().set(PEER, peerOf(socket as TLSSocket)),
  });
  const server = createSecureServer(
    {
      key: own.key,
      cert: own.certificate,
      ca: authority,
      requestCert: true,
      // Who joins has no certificate yet; each method asks for what it needs.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      // A session that is resumed would not show its certificate again.
      secureOptions: constants.SSL_OP_NO_TICKET,
      handshakeTimeout: HANDSHAKE_MS,
      settings: { maxConcurrentStreams: STREAMS_AT_ONCE },
    },
    (request, response) => {
      const peer = peerOf(request.socket as TLSSocket);
      response.once('close', () => response.statusCode === TOO_LARGE && refused(peer, 'message too large'));
      answer(request, response);
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(SILENT_MS);
  metered.watch(server);
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw portError(cause, `${host}:${port}`, 'another one, by --federation-port');
  }
  return {
    port: (server.address() as AddressInfo).port,
    cutOff: (fingerprint) => metered.cutOff(fingerprint),
    close: async () => {
      metered.end();
      server.close();
    },
  };
}

function peerOf(socket: TLSSocket): Peer {
  const address = socket.remoteAddress ?? '';
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return { address, isImpostor: false };
  if (!socket.authorized) return { address, isImpostor: true };
  return { address, isImpostor: false, fingerprint: fingerprintOf(certificate.fingerprint256) };
}

const fingerprintOf = (fingerprint256: string): string => fingerprint256.replaceAll(':', '').toLowerCase();

interface Counted {
  readonly raw: Socket;
  fingerprint?: string;
  up: number;
  down: number;
}

/** Counts below TLS what each certificate moves. */
class MeteredSockets {
  readonly #meter: Meter;
  readonly #refused: ListenOptions['refused'];
  readonly #byPeer = new Map<string, Counted>();

  constructor(meter: Meter, refused: ListenOptions['refused']) {
    this.#meter = meter;
    this.#refused = refused;
  }

  watch(server: Http2SecureServer): void {
    const look = setInterval(() => this.#endStrangers(), LOOK_MS).unref();
    server.on('close', () => clearInterval(look));
    server.on('connection', (raw: Socket) => {
      const key = keyOf(raw);
      const counted: Counted = { raw, up: 0, down: 0 };
      this.#byPeer.set(key, counted);
      raw.on('error', () => undefined);
      raw.on('close', () => {
        this.#take(counted);
        this.#byPeer.delete(key);
      });
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      const counted = this.#byPeer.get(keyOf(socket));
      const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
      if (counted && certificate) counted.fingerprint = fingerprintOf(certificate.fingerprint256);
    });
    server.on('stream', (stream) => {
      const counted = this.#byPeer.get(keyOf(stream.session?.socket as Socket));
      stream.on('close', () => counted && this.#take(counted));
    });
    server.on('sessionError', () => undefined);
    server.on('tlsClientError', (_, { remoteAddress: address = '' }) =>
      this.#refused({ address, isImpostor: false }, 'connection without TLS'),
    );
  }

  cutOff(fingerprint: string): void {
    for (const counted of this.#byPeer.values()) if (counted.fingerprint === fingerprint) counted.raw.destroy();
  }

  end(): void {
    for (const { raw } of this.#byPeer.values()) raw.destroy();
  }

  /** Who shows no certificate of ours cannot make the server keep much. */
  #endStrangers(): void {
    for (const { raw, fingerprint } of this.#byPeer.values())
      if (fingerprint === undefined && raw.bytesRead > STRANGER_BYTES && !raw.destroyed) {
        this.#refused({ address: raw.remoteAddress ?? '', isImpostor: false }, 'too much without a certificate');
        raw.destroy();
      }
  }

  #take(counted: Counted): void {
    const { bytesRead, bytesWritten } = counted.raw;
    const bytes = { up: bytesRead - counted.up, down: bytesWritten - counted.down };
    [counted.up, counted.down] = [bytesRead, bytesWritten];
    if (counted.fingerprint !== undefined) this.#meter.taken(counted.fingerprint, bytes);
  }
}

const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
