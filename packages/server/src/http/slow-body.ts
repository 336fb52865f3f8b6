import type { IncomingMessage } from 'node:http';

const JUDGED_EVERY_MS = 10_000;
const BYTES_PER_SECOND = 512;

/** Ends a connection whose body comes in slower than 512 bytes a second over ten seconds while the server is waiting for it. */
export function refuseSlowBody(request: IncomingMessage, judgedEveryMs = JUDGED_EVERY_MS): void {
  const { socket } = request;
  let seen = socket.bytesRead;
  const timer = setInterval(() => {
    if (request.complete || socket.destroyed) return clearInterval(timer);
    // Bytes that wait to be read show that the server is the slow one.
    const came = socket.bytesRead - seen;
    seen = socket.bytesRead;
    if (request.readableLength === 0 && came < (BYTES_PER_SECOND * judgedEveryMs) / 1000) socket.destroy();
  }, judgedEveryMs).unref();
  request.once('close', () => clearInterval(timer));
}
