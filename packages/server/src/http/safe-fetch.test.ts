import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { safeFetch } from './safe-fetch.ts';

let server: Server;
let port = 0;
let asked = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked++;
    if (request.url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    else if (request.url === '/never') return;
    else request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => server.closeAllConnections());

const INSIDE = [
  'http://127.0.0.1:PORT/',
  'http://localhost:PORT/',
  'http://localhost.:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f.1:PORT/',
  'http://0.0.0.0:PORT/',
  'http://[::1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[fe80::1]/',
  'http://[fd00::1]/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://169.254.169.254/latest/meta-data/',
  'file:///etc/passwd',
  'ftp://127.0.0.1/',
  'gopher://127.0.0.1/',
  'http://name:secret@example.org/',
  'nonsense',
];

test.each(INSIDE)('refuses %s', async (address) => {
  const before = asked;
  await expect(safeFetch(address.replace('PORT', String(port)), { allowedTargets: [] })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  expect(asked).toBe(before);
});

test.each([['127.0.0.0/8'], ['127.0.0.1'], ['localhost']])('reaches what %s allows', async (target) => {
  const host = target === 'localhost' ? 'localhost' : '127.0.0.1';
  const answer = await safeFetch(`http://${host}:${port}/`, { method: 'POST', body: 'ping', allowedTargets: [target] });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('ping');
});

test('does not follow a redirect', async () => {
  await expect(safeFetch(`http://127.0.0.1:${port}/away`, { allowedTargets: ['127.0.0.1'] })).rejects.toMatchObject({
    code: 'PEER_REFUSED',
  });
});

test('waits no longer than it was told', async () => {
  const options = { allowedTargets: ['127.0.0.1'], timeoutMs: 50 };
  await expect(safeFetch(`http://127.0.0.1:${port}/never`, options)).rejects.toMatchObject({ code: 'PEER_TIMEOUT' });
});
