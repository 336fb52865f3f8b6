import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way between two programs that can be cut, and that counts what passes. */
export interface Wire {
  readonly port: number;
  /** Of both ways since it was opened. */
  readonly up: number;
  readonly down: number;
  /** Nothing passes: connections stay and are silent, or end and are refused. */
  cut(how: 'silent' | 'ended'): void;
  mend(): void;
  close(): void;
}

/** @param to - port on 127.0.0.1 */
export async function openWire(to: number): Promise<Wire> {
  const bytes = { up: 0, down: 0 };
  const open = new Set<Socket>();
  let state: 'whole' | 'silent' | 'ended' = 'whole';
  const pass = (from: Socket, into: Socket, way: keyof typeof bytes) => {
    open.add(from);
    from.on('data', (chunk: Buffer) => {
      bytes[way] += chunk.length;
      if (!into.write(chunk)) from.pause();
    });
    into.on('drain', () => state === 'whole' && from.resume());
    from.on('error', () => undefined).on('end', () => into.end());
    from.on('close', () => {
      open.delete(from);
      into.destroy();
    });
    if (state === 'silent') from.pause();
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (state === 'ended') return near.destroy();
    const far = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true });
    pass(near, far, 'up');
    pass(far, near, 'down');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get up() {
      return bytes.up;
    },
    get down() {
      return bytes.down;
    },
    cut: (how) => {
      state = how;
      for (const socket of open) how === 'silent' ? socket.pause() : socket.destroy();
    },
    mend: () => {
      state = 'whole';
      for (const socket of open) socket.resume();
    },
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
