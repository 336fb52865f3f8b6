import { lookup } from 'node:dns/promises';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { Readable } from 'node:stream';
import { VesaliusError } from '@vesalius/errors';

interface SafeFetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Hosts, addresses or networks (CIDR) that may be reached though they are not public: `settings.allowedTargets`. */
  readonly allowedTargets: readonly string[];
  /** For the answer's head, 30 s without. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Networks that no public server has. Of IPv6 only 2000::/3 is public, and of it not what carries an IPv4 address inside. */
const RESERVED_V4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4';
const RESERVED_V6 = '2001::/23 2001:db8::/32 2002::/16 3fff::/20';
const reserved = listOf([...RESERVED_V4.split(' '), ...RESERVED_V6.split(' ')]);
const globalV6 = listOf(['2000::/3']);

/**
 * Asks a server whose address someone else gave, without being led to what stands behind the firewall: the name is resolved once, refused
 * when any of its addresses is loopback, private, link-local or metadata, and the address that was checked is the one that is connected
 * to. Redirects are not followed.
 *
 * @throws INVALID_ARGUMENT for an address that may not be asked, PEER_UNREACHABLE, PEER_TIMEOUT, PEER_REFUSED for a redirect
 */
export async function safeFetch(address: string, options: SafeFetchOptions): Promise<Response> {
  const url = parsed(address);
  const pinned = await permittedAddress(url, options.allowedTargets);
  const answer = await ask(url, pinned, options);
  const status = answer.statusCode ?? 502;
  if (status >= 300 && status < 400 && status !== 304) {
    answer.destroy();
    throw new VesaliusError('PEER_REFUSED', {
      what: 'redirect of the server',
      got: status,
      expected: 'an answer of its own',
    });
  }
  const empty = status === 204 || status === 304;
  if (empty) answer.resume();
  return new Response(empty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>), {
    status,
    headers: headersOf(answer),
  });
}

function parsed(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'address of a server', expected: 'http: or https:' });
  if (url.username !== '' || url.password !== '')
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'address of a server', expected: 'no name or password in it' });
  return url;
}

/** @returns the one address that may be connected to. */
async function permittedAddress(url: URL, allowedTargets: readonly string[]): Promise<string> {
  const host = url.hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  const addresses = isIP(host) !== 0 ? [host] : await resolved(host);
  const networks = listOf(allowedTargets.filter((target) => isIP(target.split('/')[0] ?? '') !== 0));
  const named = allowedTargets.some((target) => target.toLowerCase() === host);
  const [first] = addresses;
  if (first !== undefined && (named || addresses.every((each) => isPublic(each) || holds(networks, each))))
    return first;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: 'address of a server that may not be reached from here',
    got: host,
    expected: 'a public address, or one that allowedTargets names',
  });
}

async function resolved(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new VesaliusError('PEER_UNREACHABLE', { what: 'name of a server cannot be resolved', got: host, cause });
  }
}

function isPublic(address: string): boolean {
  return !holds(reserved, address) && (!isIPv6(address) || holds(globalV6, address));
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

function ask(url: URL, pinned: string, options: SafeFetchOptions): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, timeoutMs = 30_000, signal } = options;
  const family = isIPv6(pinned) ? 6 : 4;
  const settings: RequestOptions = {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
    agent: false,
    lookup: (_, { all }, done) => (all ? done(null, [{ address: pinned, family }]) : done(null, pinned, family)),
    ...(signal && { signal }),
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(url, settings, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    const timer = setTimeout(
      () =>
        request.destroy(
          new VesaliusError('PEER_TIMEOUT', { what: 'answer of the server', expected: `${timeoutMs} ms` }),
        ),
      timeoutMs,
    );
    request.once('error', (cause) => {
      clearTimeout(timer);
      const known = cause instanceof VesaliusError;
      reject(known ? cause : new VesaliusError('PEER_UNREACHABLE', { what: 'server', got: url.hostname, cause }));
    });
    request.end(body);
  });
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  return headers;
}
