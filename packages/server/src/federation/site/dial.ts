import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Client, createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { FederationService } from '@vesalius/federated/protocol';
import { COORDINATOR_NAME, type KeyAndCertificate } from '../certificates/authority.ts';

export interface Dialled {
  readonly client: Client<typeof FederationService>;
  /** Bytes on the wire since it was asked last, with TLS and HTTP/2. */
  taken(): { readonly up: number; readonly down: number };
  close(): void;
}

interface DialOptions {
  readonly url: string;
  /** PEM: nobody else's certificate is taken. */
  readonly authority: string;
  /** Without it, only to join. */
  readonly own?: KeyAndCertificate;
  readonly messageBytes: number;
}

const PING_MS = 30_000;
const PATIENCE_MS = 60_000;
const MOST_PLAN_BYTES = 1 << 26;

/** A site's way to its coordinator: it dials out, nobody dials in. */
export function dial({ url, authority, own, messageBytes }: DialOptions): Dialled {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let ended = { up: 0, down: 0 };
  let before = { up: 0, down: 0 };
  const createConnection = () => {
    const raw = connectTcp(Number(port) || 443, hostname.replaceAll(/[[\]]/g, ''));
    sockets.add(raw);
    raw.on('close', () => {
      sockets.delete(raw);
      ended = { up: ended.up + raw.bytesWritten, down: ended.down + raw.bytesRead };
    });
    const socket = connectTls({
      socket: raw,
      ca: authority,
      servername: COORDINATOR_NAME,
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['h2'],
      ...(own && { key: own.key, cert: own.certificate }),
    });
    // What ends below TLS ends above it too: else a request would wait for ever.
    raw.on('error', (error) => socket.destroy(error)).on('close', () => socket.destroy());
    return socket;
  };
  const transport = createConnectTransport({
    httpVersion: '2',
    baseUrl: url,
    nodeOptions: { createConnection },
    readMaxBytes: messageBytes + MOST_PLAN_BYTES,
    pingIntervalMs: PING_MS,
    defaultTimeoutMs: PATIENCE_MS,
  });
  return {
    client: createClient(FederationService, transport),
    taken: () => {
      const all = { ...ended };
      for (const { bytesRead, bytesWritten } of sockets) {
        all.up += bytesWritten;
        all.down += bytesRead;
      }
      const since = { up: all.up - before.up, down: all.down - before.down };
      before = all;
      return since;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
