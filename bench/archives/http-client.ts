import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { VesaliusError } from '@vesalius/errors';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Connections that stay open, for as many requests at a time as are made. */
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** One request, its whole answer. @throws PEER_UNREACHABLE */
export function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const fail = (cause: unknown): void =>
    reject(new VesaliusError('PEER_UNREACHABLE', { what: 'request', file: url, cause }));
  const length = body ? { 'content-length': String(body.length) } : {};
  const sent = request(url, { method, headers: { ...headers, ...length }, agent }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', fail);
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
    );
  });
  sent.on('error', fail);
  sent.end(body);
  return promise;
}

/** @throws PEER_REFUSED for any status of failure */
export async function askWell(url: string, asked: Asked = {}): Promise<Answer> {
  const answer = await ask(url, asked);
  const { status, body } = answer;
  if (status < 300) return answer;
  throw new VesaliusError('PEER_REFUSED', { what: `status ${status}`, got: body.toString().slice(0, 200), file: url });
}
