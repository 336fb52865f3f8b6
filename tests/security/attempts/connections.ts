import { connect } from 'node:net';
import type { AttackedServer } from '../attacked-server.ts';
import { type Attempt, eachShut } from '../attempt.ts';

const about = 'Connections';
const HOST = 'Host: x\r\n';
const LONGEST_MS = 25_000;

/** A client that trickles: one small piece a second, until the server ends it. @returns after how long, in ms */
function trickle({ port }: AttackedServer, head: string, piece: string): Promise<number> {
  return new Promise((resolve) => {
    const started = performance.now();
    const socket = connect(port, '127.0.0.1', () => socket.write(head));
    const timer = setInterval(() => socket.write(piece), 1000);
    const end = () => {
      clearInterval(timer);
      clearTimeout(limit);
      socket.destroy();
      resolve(performance.now() - started);
    };
    const limit = setTimeout(end, LONGEST_MS);
    socket.on('data', () => undefined);
    socket.on('error', end);
    socket.on('close', end);
  });
}

const endedInTime = (ms: number) => (ms < LONGEST_MS - 1000 ? undefined : 'still open after 24 s');

export const CONNECTION_ATTEMPTS: readonly Attempt[] = [
  {
    about,
    name: 'headers that come one byte a second (slowloris)',
    tryIt: async (target) => endedInTime(await trickle(target, `GET / HTTP/1.1\r\n${HOST}X: `, 'a')),
  },
  {
    about,
    name: 'a body that comes one byte a second, with a valid token',
    tryIt: async (target) => {
      const token = await target.tokenWith(['archive.write']);
      const head = `POST /dicom-web/studies HTTP/1.1\r\n${HOST}Authorization: Bearer ${token}\r\nContent-Type: application/dicom\r\nContent-Length: 100000\r\n\r\n`;
      return endedInTime(await trickle(target, head, 'a'));
    },
  },
  {
    about,
    name: 'a slow body without a token is refused before it is read',
    tryIt: async (target) => {
      const head = `POST /dicom-web/studies HTTP/1.1\r\n${HOST}Content-Type: application/dicom\r\nContent-Length: 100000\r\n\r\n`;
      return (await trickle(target, head, 'a')) < 3000 ? undefined : 'was waited for';
    },
  },
  {
    about,
    name: '300 half-open connections beside a request that is answered',
    tryIt: async ({ port, ask }) => {
      const sockets = Array.from({ length: 300 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
      for (const socket of sockets) socket.write('GET / HTTP/1.1\r\n');
      const started = performance.now();
      const { status } = await ask('/health');
      const ms = performance.now() - started;
      for (const socket of sockets) socket.destroy();
      return status === 200 && ms < 2000 ? undefined : `${status} after ${Math.round(ms)} ms`;
    },
  },
  {
    about,
    name: 'headers of 20 kB, and 3,000 headers',
    tryIt: ({ raw }) =>
      eachShut(
        [`X: ${'a'.repeat(20_000)}\r\n`, Array.from({ length: 3000 }, (_, i) => `X${i}: a\r\n`).join('')],
        async (headers) => {
          const answer = await raw(`GET /api/me HTTP/1.1\r\n${HOST}${headers}\r\n`);
          return /^HTTP\/1.1 4(31|00|01)/.test(answer) ? undefined : answer.slice(0, 30);
        },
      ),
  },
  {
    about,
    name: 'an address of 20 kB',
    tryIt: async ({ raw }) =>
      (await raw(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`)).startsWith('HTTP/1.1 4') ? undefined : 'taken',
  },
  {
    about,
    name: 'two lengths at once (request smuggling)',
    tryIt: ({ raw }) =>
      eachShut(
        [
          'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/me HTTP/1.1\r\nHost: x\r\n\r\n',
          'Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
          'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n',
          'Transfer-Encoding: xchunked\r\n\r\nabc',
          'Content-Length: +4\r\n\r\nabcd',
        ],
        async (rest) => {
          const answer = await raw(`POST /api/sign-in HTTP/1.1\r\n${HOST}Connection: close\r\n${rest}`, 3000);
          const answers = answer.match(/HTTP\/1\.1 \d+/g) ?? [];
          return answers.length <= 1 && !/^HTTP\/1.1 2/.test(answer) ? undefined : answers.join();
        },
      ),
  },
  {
    about,
    name: 'what is no HTTP, and a header with a line break in it',
    tryIt: ({ raw }) =>
      eachShut(
        [
          '\x16\x03\x01\x00\xa5\x01',
          `GET / HTTP/1.1\nHost: x\nX: a\n b\n\n`,
          `GET / HTTP/9.9\r\n${HOST}\r\n`,
          'GET / HTTP/1.1\r\n\r\n',
        ],
        async (text) => {
          const answer = await raw(`${text}\r\n\r\n`, 2000);
          return /^(HTTP\/1.1 [45]|$)/.test(answer) ? undefined : answer.slice(0, 30);
        },
      ),
  },
  {
    about,
    name: 'TRACE, CONNECT and a method told by a header',
    tryIt: async ({ raw, ask, tokenWith }) => {
      const trace = await raw(`TRACE / HTTP/1.1\r\n${HOST}Connection: close\r\nX-Secret: 1\r\n\r\n`);
      const tunnel = await raw(`CONNECT 127.0.0.1:22 HTTP/1.1\r\n${HOST}\r\n`, 2000);
      const token = await tokenWith(['archive.read']);
      const told = await ask('/dicom-web/studies', { token, headers: { 'x-http-method-override': 'DELETE' } });
      if (trace.includes('X-Secret') || /^HTTP\/1.1 2/.test(trace)) return 'TRACE was answered';
      return /^HTTP\/1.1 2/.test(tunnel) || told.status >= 400 ? 'another method was done' : undefined;
    },
  },
];
