import { VesaliusError } from '@vesalius/errors';
import type { GraphCall, GraphReply } from './graph-client.ts';
import { GraphSession } from './graph-session.ts';

const session = new GraphSession();

addEventListener('message', ({ data }: MessageEvent<GraphCall>) => postMessage(replyTo(data)));

function replyTo({ id, method, args }: GraphCall): GraphReply {
  try {
    const call = session[method].bind(session) as (...values: readonly unknown[]) => unknown;
    return { id, value: call(...args) };
  } catch (error) {
    return { id, error: error instanceof VesaliusError ? error.message : String(error) };
  }
}
