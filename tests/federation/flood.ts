import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { COORDINATOR_NAME } from '../../packages/server/src/federation/certificates/authority.ts';
import type { HandSite } from './hand-site.ts';

/** Streams zeros until the other end has had enough. @returns how many bytes it took */
export async function flood(
  { url, authority }: Pick<HandSite, 'url' | 'authority'>,
  own: HandSite['own'] | undefined,
  most: number,
): Promise<number> {
  const session = connectHttp2(url, {
    ...{ ca: authority, servername: COORDINATOR_NAME },
    ...(own && { key: own.key, cert: own.certificate }),
  });
  session.on('error', () => undefined);
  const path = '/vesalius.federation.v1.FederationService/SubmitUpdate';
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/proto' });
  const over = new AbortController();
  const end = () => over.abort();
  stream.on('error', end).on('close', end).on('response', end);
  const chunk = Buffer.alloc(1 << 20);
  let sent = 0;
  while (sent < most && !over.signal.aborted) {
    sent += chunk.length;
    if (!stream.write(chunk)) await once(stream, 'drain', { signal: over.signal }).catch(() => undefined);
  }
  session.destroy();
  return sent;
}
