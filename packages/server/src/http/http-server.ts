import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Settings } from '../settings.ts';

const SECOND = 1000;

/** Headers arrive within ten seconds; bodies are judged by their rate (`refuseSlowBody`), as a whole study may take hours. */
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10 * SECOND,
  requestTimeout: 0,
  connectionsCheckingInterval: SECOND,
  keepAliveTimeout: 20 * SECOND,
  noDelay: true,
};

const MAX_CONNECTIONS = 2000;
const SILENT_SOCKET_MS = 300 * SECOND;

/** The socket side of the server: limits on headers, idle connections and their number; TLS 1.2 or newer where settings name a certificate. */
export function httpServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  tls: Settings['tls'],
): Server {
  const server =
    tls === undefined
      ? createServer(LIMITS, handler)
      : createTlsServer({ ...LIMITS, cert: pem(tls.certificate), key: pem(tls.key), minVersion: 'TLSv1.2' }, handler);
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = SILENT_SOCKET_MS;
  server.maxHeadersCount = 200;
  return server;
}

function pem(textOrPath: string): string {
  return textOrPath.startsWith('-----BEGIN') ? textOrPath : readFileSync(textOrPath, 'utf8');
}

const MALFORMED: Readonly<Record<string, readonly [status: string, code: string, what: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'HEADERS_TOO_LARGE', 'headers above 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'TOO_SLOW', 'headers not complete within 10 s'],
};

/** What is no HTTP gets a short answer and the end of the connection; nothing of it is logged. */
export function answerMalformed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, code, what] = MALFORMED[error.code ?? ''] ?? ['400 Bad Request', 'BAD_REQUEST', 'not HTTP'];
  const body = JSON.stringify({ status: Number.parseInt(status, 10), code, what });
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
}
